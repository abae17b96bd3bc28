// The page of a connection keeps up with it: it asks for itself anew while there is something to see, when the next sync
// is due, and when somebody comes back to it, and takes over what changed. Between, its relative times go on.
const EVERY = 2000, LATER = 10000, SOON = 60, MINUTE = 60000, DAY = 86400000;
const UNITS = Object.entries({ year: 31536000, month: 2592000, week: 604800, day: 86400, hour: 3600, minute: 60 });
const FROM_TWO_ON = 1.9; // as dashboard/pages/times.py counts
const main = document.querySelector("main");
const aloud = document.querySelector("[data-aloud]");
const ahead = Date.now() - Date.parse(aloud.dataset.now); // a reader's clock may be wrong
const words = new Intl.RelativeTimeFormat(document.documentElement.lang);
let looked = 0, lookedAt = Date.now(), missed = false, next;

function wait() {
  const pause = looked < SOON ? EVERY : LATER;
  const due = main.querySelector("[data-due]");
  if (main.querySelector("[data-watch]")) next = setTimeout(look, pause);
  else if (due) next = setTimeout(look, Math.min(Math.max(away(due.dataset.due) + EVERY, pause), DAY));
}

async function look() {
  clearTimeout(next);
  missed = document.hidden;
  if (missed) return;
  looked += 1;
  lookedAt = Date.now();
  try {
    const answer = await fetch(location.href, { redirect: "manual" });
    if (answer.type === "opaqueredirect") return location.reload(); // it was cut, or the login is over
    if (answer.ok) take(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    looked = Math.max(looked, SOON); // no network: ask less often, the page stays as it is
  }
  wait();
}

function take(fresh) {
  const before = state(main);
  for (const part of main.querySelectorAll("[data-live]")) {
    const next = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
    if (next && plain(next) !== plain(part) && !part.contains(document.activeElement)) part.replaceWith(next);
  }
  if (state(main) !== before) aloud.textContent = [...main.querySelectorAll("[data-said]")].map(said).join(" ");
  if (!main.querySelector("[data-watch]")) main.querySelectorAll("[data-meanwhile]").forEach((each) => each.remove());
}

function age() {
  for (const time of main.querySelectorAll("time[data-ago]")) {
    const seconds = Math.floor(away(time.dateTime) / 1000), count = Math.abs(seconds);
    const [unit, length] = UNITS.find(([, length]) => count >= FROM_TWO_ON * length) ?? UNITS.at(-1);
    if (count >= 60) time.textContent = words.format(Math.sign(seconds) * Math.round(count / length), unit);
  }
}

// Milliseconds from now by the clock of the server.
function away(at) {
  return Date.parse(at) - (Date.now() - ahead);
}

function state(within) {
  return within.querySelector("[data-live=state] [data-state]").dataset.state;
}

function said(element) {
  return element.textContent.trim().replace(/\s+/g, " ");
}

// The token of a form is masked anew in each answer: no change that anybody could see.
function plain(element) {
  return element.outerHTML.replace(/(name="csrf_token" value=)"[^"]*"/g, "$1");
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  age();
  if (missed || Date.now() - lookedAt > MINUTE) look();
});
setInterval(age, MINUTE / 4);
wait();
