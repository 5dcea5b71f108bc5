// Writes the OpenAPI document as a page. Text only ever goes in as text.

function element(name, text = "", ...children) {
  const made = document.createElement(name);
  made.textContent = text;
  made.append(...children);
  return made;
}

function link(text, target) {
  const made = element("a", text);
  made.href = target;
  return made;
}

function named(reference) {
  return reference.slice(reference.lastIndexOf("/") + 1);
}

function kind(schema) {
  if (schema.$ref) return link(named(schema.$ref), `#${named(schema.$ref)}`);
  if (schema.anyOf) return joined(schema.anyOf.map(kind), " or ");
  if (schema.enum) return element("code", schema.enum.map((one) => JSON.stringify(one)).join(" | "));
  if (schema.prefixItems) return element("span", "[", joined(schema.prefixItems.map(kind), ", "), "]");
  if (schema.type === "array") return element("span", "list of ", kind(schema.items ?? {}));
  return element("span", schema.format ?? schema.type ?? "anything");
}

function joined(parts, between) {
  const made = element("span");
  parts.forEach((part, place) => made.append(...(place ? [between, part] : [part])));
  return made;
}

function table(heads, rows) {
  const head = element("tr", "", ...heads.map((text) => element("th", text)));
  const body = rows.map((cells) => element("tr", "", ...cells.map((cell) => element("td", "", cell))));
  return element("table", "", element("thead", "", head), element("tbody", "", ...body));
}

function parameters(given) {
  const rows = given.map((one) => [
    element("code", one.name),
    kind(one.schema),
    one.required ? "required" : `default: ${one.schema.default ?? "none"}`,
    one.description,
  ]);
  return table(["parameter", "type", "", "meaning"], rows);
}

function endpoint(path, { get }) {
  const made = element("article", "", element("h3", "", element("code", `GET ${path}`)), element("p", get.summary));
  const [media, answer] = Object.entries(get.responses["200"].content)[0];
  made.append(element("p", "Answer: ", answer.schema.$ref ? kind(answer.schema) : media));
  if (get.parameters.length) made.append(parameters(get.parameters));
  const others = Object.keys(get.responses).filter((status) => status !== "200");
  const statuses = element("p", `Also: ${others.join(", ")} with `, kind({ $ref: "/Error" }));
  statuses.className = "statuses";
  made.append(statuses);
  const plain = !get.parameters.some((one) => one.required);
  if (plain) made.append(element("p", "", link("Try it", path)));
  return made;
}

function shape(name, schema) {
  const rows = Object.entries(schema.properties ?? {}).map(([key, value]) => [element("code", key), kind(value)]);
  const made = element("article", "", element("h3", name), element("p", schema.description), table(["name", "type"], rows));
  made.id = name;
  return made;
}

async function write() {
  const place = document.getElementById("endpoints");
  try {
    const answer = await fetch("/api/openapi.json");
    const api = await answer.json();
    document.getElementById("version").textContent = api.info.version;
    document.getElementById("about").textContent = api.info.summary;
    place.replaceChildren(...Object.entries(api.paths).map(([path, item]) => endpoint(path, item)));
    const shapes = Object.entries(api.components.schemas).map(([name, schema]) => shape(name, schema));
    document.getElementById("schemas").replaceChildren(...shapes);
  } catch (error) {
    place.replaceChildren(element("p", `The OpenAPI document did not come: ${error.message}. Is the service running?`));
  }
}

await write();
