-- name: add
INSERT INTO reconciliations (made_ns, first, last, zone, isp, isp_bytes, sent, received, coverage, device, interface)
VALUES (:made_ns, :first, :last, :zone, :isp, :isp_bytes, :sent, :received, :coverage, :device, :interface) RETURNING id;

-- name: all
SELECT id, made_ns, first, last, zone, isp, isp_bytes, sent, received, coverage, device, interface FROM reconciliations
ORDER BY first, last, id;

-- name: remove
DELETE FROM reconciliations WHERE id = :id
RETURNING id, made_ns, first, last, zone, isp, isp_bytes, sent, received, coverage, device, interface;
