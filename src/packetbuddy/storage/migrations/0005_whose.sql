-- 0005: an ISP's reading says whose usage it stood beside: this device's, another's or all devices', of one link or of all.

ALTER TABLE reconciliations ADD COLUMN device TEXT NOT NULL DEFAULT 'this';
ALTER TABLE reconciliations ADD COLUMN interface TEXT;
