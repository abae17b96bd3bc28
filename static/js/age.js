// "5 minutes ago" goes on while a page stays open.
const MINUTE = 60, TURN = 15000;
const UNITS = Object.entries({ year: 31536000, month: 2592000, week: 604800, day: 86400, hour: 3600, minute: MINUTE });
const FROM_TWO_ON = 1.9; // as dashboard/pages/times.py counts
const words = new Intl.RelativeTimeFormat(document.documentElement.lang);
const ahead = Date.now() - Date.parse(document.querySelector("[data-now]").dataset.now); // a clock may be wrong

// Milliseconds from now by the clock of the server.
export function away(at) {
  return Date.parse(at) - (Date.now() - ahead);
}

function age() {
  if (document.hidden) return;
  for (const time of document.querySelectorAll("main time[data-ago]")) {
    const seconds = Math.floor(away(time.dateTime) / 1000), count = Math.abs(seconds);
    const [unit, length] = UNITS.find(([, length]) => count >= FROM_TWO_ON * length) ?? UNITS.at(-1);
    if (count >= MINUTE) time.textContent = words.format(Math.sign(seconds) * Math.round(count / length), unit);
  }
}

document.addEventListener("visibilitychange", age);
setInterval(age, TURN);
