// The page of a connection keeps up with it: it asks for itself anew while there is something to see, when the next sync
// is due, and when somebody comes back to it, and takes over what changed.
import { away } from "./age.js";

const EVERY = 2000, LATER = 10000, SOON = 60, MINUTE = 60000, DAY = 86400000;
const main = document.querySelector("main");
const aloud = document.querySelector("[data-aloud]");
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
  if (!document.hidden && (missed || Date.now() - lookedAt > MINUTE)) look();
});
wait();
