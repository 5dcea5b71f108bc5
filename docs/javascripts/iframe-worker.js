// Search in pages that were opened from a folder: browsers start no worker for a file, so its script runs in a frame.
// Has what the search asks of a worker: messages both ways, and scripts that are loaded later.

function inFrame() {
  window.postMessage = (data) => parent.postMessage(data, "*");
  window.importScripts = async (...addresses) => {
    for (const address of addresses) {
      await new Promise((loaded) => {
        const script = document.createElement("script");
        script.src = address;
        script.onload = loaded;
        document.body.append(script);
      });
    }
  };
}

class FrameWorker extends EventTarget {
  constructor(address) {
    super();
    const frame = document.createElement("iframe");
    frame.hidden = true;
    document.body.append(frame);
    this.inside = frame.contentWindow;
    window.addEventListener("message", ({ source, data }) => {
      if (source === this.inside) this.dispatchEvent(new MessageEvent("message", { data }));
    });
    const end = "</" + "script>";
    this.inside.document.open();
    this.inside.document.write(`<body><script>(${inFrame})()${end}<script src="${address}">${end}</body>`);
    this.inside.document.close();
    this.ready = new Promise((loaded) => (this.inside.onload = loaded)); // what came before was of the empty frame
  }

  async postMessage(data) {
    await this.ready;
    this.inside.dispatchEvent(new MessageEvent("message", { data }));
  }
}

if (location.protocol === "file:") window.Worker = FrameWorker;
