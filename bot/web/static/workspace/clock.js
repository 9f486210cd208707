// The server's time: countdowns must not depend on how a computer's clock is set.
let offset = 0;

export function setServerTime(iso) {
  const at = Date.parse(iso);
  if (!Number.isNaN(at)) offset = at - Date.now();
}

export const now = () => Date.now() + offset;

const ticking = new Set();

export function everySecond(act) {
  ticking.add(act);
}

setInterval(() => {
  for (const act of ticking) act();
}, 1000);
