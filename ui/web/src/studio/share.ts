// The slider beside a share's number field: either moves the other.

/** Ties both inputs of each [data-share] together. */
export function tieShares(): void {
  for (const at of document.querySelectorAll("[data-share]")) {
    const number = at.querySelector<HTMLInputElement>("input[type=number]"), range = at.querySelector<HTMLInputElement>("input[type=range]");
    if (number === null || range === null) continue;
    number.addEventListener("input", () => { if (number.validity.valid && number.value !== "") range.value = number.value; });
    range.addEventListener("input", () => { number.value = range.value; });
    range.hidden = false; // without scripts it would move nothing
  }
}
