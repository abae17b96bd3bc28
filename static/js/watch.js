// A page of another person that comes back from the browser's memory is asked for anew: the look may be over.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
