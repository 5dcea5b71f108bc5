// Questions to the service. Every answer is either its body or a Refusal with the words the service gave.

const BASE = "/api";
const PATIENCE = 15000;

let ahead = 0;

/** The service answered, but not with data: `code` is the service's own name for it. */
export class Refusal extends Error {
  constructor(status, { code = "unknown", message = "no answer", hint = null } = {}) {
    super(message);
    Object.assign(this, { status, code, hint });
  }
}

/** Ask an endpoint. Rejects with a Refusal, or with any other error where nobody answers. */
export async function ask(path, parameters = {}) {
  const response = await fetch(address(path, parameters), {
    headers: { Accept: "application/json" },
    cache: "no-store",
    signal: AbortSignal.timeout(PATIENCE),
  });
  learnClock(response.headers.get("Date"));
  const body = await response.json().catch(() => null);
  // A degraded service says so with 503 and a whole health answer.
  if (response.ok || (path === "/health" && body?.status)) return body;
  throw new Refusal(response.status, body?.error);
}

/** The service's clock, in milliseconds, to the second: its days are not always the browser's. */
export const serviceNow = () => Date.now() + ahead;

function learnClock(date) {
  const at = Date.parse(date);
  if (!Number.isNaN(at)) ahead = at - Date.now();
}

/** Where an endpoint is, with the parameters that are given. */
export function address(path, parameters = {}) {
  const known = Object.entries(parameters).filter(([, value]) => value !== null && value !== "");
  const query = new URLSearchParams(known).toString();
  return `${BASE}${path}${query ? `?${query}` : ""}`;
}
