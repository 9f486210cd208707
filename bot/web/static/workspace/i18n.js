// The words of the page, in the one language it was asked for in.
const block = document.getElementById("words").dataset;
const WORDS = JSON.parse(block.texts);
const NAMES = JSON.parse(block.names);

export const LANG = WORDS.lang;
export const LOCALE = WORDS.html_lang;

export function t(key, values = {}) {
  return (WORDS[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export const shopName = (shop) => (LANG === "en" && shop.name_en ? shop.name_en : shop.name);
export const intentName = (intent) => NAMES.intents[intent] ?? intent;
export const groupName = (group) => WORDS[`group_${group}`] ?? group;
export const factName = (fact) => NAMES.facts[fact] ?? fact;

/** 100 % would claim that it cannot be wrong. */
export const percent = (share) => `${Math.min(99, Math.round(share * 100))}%`;

const MINUTE = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit", hour12: false });
const DAY = new Intl.DateTimeFormat(LOCALE, { month: "short", day: "numeric" });
const MOMENT = new Intl.DateTimeFormat(LOCALE, { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });

export const clockTime = (at) => MINUTE.format(at);
export const dayName = (at) => DAY.format(at);
export const moment = (at) => MOMENT.format(at);

export function span(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 3600) return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  if (whole < 86400) return t("hours", { count: Math.floor(whole / 3600) });
  return t("days", { count: Math.floor(whole / 86400) });
}
