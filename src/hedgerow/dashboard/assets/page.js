// Reads the API's own description and shows it. Orders are not given from here, only looks.
"use strict";

const said = document.getElementById("said");
const routes = document.getElementById("routes");

function made(tag, text, name) {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  if (name) element.className = name;
  return element;
}

async function asked(path, token) {
  const answer = await fetch(path, { headers: { Authorization: `Bearer ${token}` } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status}: ${text}`);
  return text;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function route(path, verb, operation, token) {
  const box = made("details");
  const head = made("summary");
  head.append(made("span", verb.toUpperCase(), "verb"), made("span", path, "path"));
  const body = made("div");
  body.append(made("p", operation.description || operation.summary));
  for (const parameter of operation.parameters || []) {
    body.append(made("p", `?${parameter.name}: ${parameter.description || ""}`));
  }
  const codes = Object.entries(operation.responses || {});
  for (const [code, meaning] of codes) body.append(made("p", `${code}: ${meaning.description}`));
  if (verb === "get") {
    const button = made("button", "Look");
    const shown = made("pre");
    button.onclick = async () => {
      shown.textContent = "asking ...";
      try {
        shown.textContent = pretty(await asked(path, token));
      } catch (error) {
        shown.textContent = String(error.message);
      }
    };
    body.append(button, shown);
  }
  box.append(head, body);
  return box;
}

document.getElementById("door").onsubmit = async (event) => {
  event.preventDefault();
  const token = document.getElementById("token").value.trim();
  routes.replaceChildren();
  try {
    const schema = JSON.parse(await asked("/openapi.json", token));
    said.textContent = schema.info.description;
    for (const [path, verbs] of Object.entries(schema.paths)) {
      for (const [verb, operation] of Object.entries(verbs)) {
        routes.append(route(path, verb, operation, token));
      }
    }
  } catch (error) {
    said.textContent = String(error.message);
  }
};
