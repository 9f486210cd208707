// Rows of weekly hours: a day, from when, until when.
import { make, words } from "../accounts/requests.js";
import { at } from "../shared/shop_page.js";

export function addHours(given, changed) {
  const day = make("select", { class: "day", "aria-label": words.weekday },
    ...Array.from({ length: 7 }, (_, index) => make("option", { value: index }, words[`day_${index}`])));
  const since = make("input", { type: "time", class: "since", required: true, "aria-label": words.since });
  const until = make("input", { type: "time", class: "until", required: true, "aria-label": words.until });
  day.value = given.weekday;
  since.value = given.since.slice(0, 5);
  until.value = given.until.slice(0, 5);
  const remove = make("button", { type: "button", class: "small icon", title: words.remove, "aria-label": words.remove }, "✕");
  const row = make("div", { class: "hours-row" }, day, since, make("span", { class: "soft" }, words.until), until, remove);
  remove.addEventListener("click", () => {
    row.remove();
    changed();
  });
  at("hours").append(row);
}

export function showHours(hours, changed) {
  at("hours").replaceChildren();
  for (const given of hours) addHours(given, changed);
}

export function readHours() {
  return [...at("hours").children].map((row) => ({
    weekday: Number(row.querySelector(".day").value),
    since: row.querySelector(".since").value,
    until: row.querySelector(".until").value,
  }));
}

// A row like the last one, a day later: whole weeks are written in a few clicks.
export function nextHours() {
  const last = readHours().at(-1);
  return last ? { ...last, weekday: (last.weekday + 1) % 7 } : { weekday: 0, since: "22:00", until: "08:00" };
}
