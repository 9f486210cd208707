// What the forms of the settings have in common: values in and out of fields, and what is wrong shown at them.
import { make, say, words } from "../accounts/requests.js";
import { tell } from "../shared/shop_page.js";

export const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);

export function write(form, values) {
  for (const input of form.elements) {
    if (!(input.name in values)) continue;
    const value = values[input.name];
    if (input.type === "checkbox") input.checked = value;
    else input.value = "lines" in input.dataset ? value.join("\n") : value;
  }
}

export function read(form) {
  const values = {};
  for (const input of form.elements) {
    if (!input.name) continue;
    if (input.type === "checkbox") values[input.name] = input.checked;
    else if (input.type === "number") values[input.name] = Number(input.value);
    else values[input.name] = "lines" in input.dataset ? lines(input.value) : input.value.trim();
  }
  return values;
}

/** Do what a form asks for; what is refused is shown at its fields, and the rest stays as it was written. */
export async function submit(form, work, done = words.saved) {
  const said = form.querySelector(".notice");
  const button = form.querySelector("button.primary");
  for (const input of form.elements) input.removeAttribute("aria-invalid");
  button.disabled = true;
  try {
    await work();
    say(said, typeof done === "function" ? done() : done, "good");
  } catch (error) {
    tell(error, said);
    const wrong = [...new Set(Object.keys(error.fields).map((name) => name.split(/[[.]/)[0]))];
    const inputs = wrong.map((name) => form.elements[name]).filter((input) => input instanceof Element);
    for (const input of inputs) input.setAttribute("aria-invalid", "true");
    inputs[0]?.focus();
  } finally {
    button.disabled = false;
  }
}

function hoursRow({ days, since, until }) {
  const boxes = words.days.split(" ").map((name, day) => make("label", {},
    make("input", { type: "checkbox", value: String(day), checked: days.includes(day) }), name));
  const row = make("div", { class: "hours", role: "group", "aria-label": words.hours }, ...boxes,
    make("input", { type: "time", value: since, required: true, "aria-label": words.since }), "–",
    make("input", { type: "time", value: until, required: true, "aria-label": words.until }),
    make("button", { type: "button", class: "quiet small", onclick: () => row.remove() }, words.remove));
  return row;
}

/** Days with the same hours stand in one row. */
export function writeHours(box, hours) {
  const rows = new Map();
  for (const { weekday, since, until } of hours) {
    const key = `${since} ${until}`;
    rows.set(key, { days: [...(rows.get(key)?.days ?? []), weekday], since, until });
  }
  box.replaceChildren(...[...rows.values()].map(hoursRow));
}

export function addHours(box) {
  box.append(hoursRow({ days: [0, 1, 2, 3, 4], since: "09:00", until: "18:00" }));
}

export function readHours(box) {
  return [...box.children].flatMap((row) => {
    const [since, until] = [...row.querySelectorAll('input[type="time"]')].map((input) => input.value);
    return [...row.querySelectorAll("input:checked")].map((input) => ({ weekday: Number(input.value), since, until }));
  });
}
