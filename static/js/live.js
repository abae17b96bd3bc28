// A page that shows a sync asks for itself anew while there is something to see, and takes over what changed.
const EVERY = 2000, LATER = 10000, SOON = 60;
const main = document.querySelector("main");
const aloud = document.querySelector("[data-aloud]");
let looked = 0;

function wait() {
  if (main.querySelector("[data-watch]")) setTimeout(look, looked < SOON ? EVERY : LATER);
}

async function look() {
  if (document.hidden) return document.addEventListener("visibilitychange", look, { once: true });
  looked += 1;
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
  if (state(main) !== before) aloud.textContent = [...main.querySelectorAll("[data-said]")].map(words).join(" ");
}

function state(within) {
  return within.querySelector("[data-live=state] [data-state]").dataset.state;
}

function words(element) {
  return element.textContent.trim().replace(/\s+/g, " ");
}

// The token of a form is masked anew in each answer: no change that anybody could see.
function plain(element) {
  return element.outerHTML.replace(/(name="csrf_token" value=)"[^"]*"/g, "$1");
}

wait();
