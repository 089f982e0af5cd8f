// Keys to walk through a list and to its actions. A key alone works only while the focus is in the list, and can be
// switched off; with Alt and Shift it works everywhere. Without script everything is done with links and Tab.
const keys = document.querySelector("[data-keys]");
const list = document.querySelector("[data-list]");
if (keys && list) {
  const alone = keys.querySelector("input");
  keys.hidden = false;
  alone.checked = localStorage.getItem("keys") !== "off";
  alone.addEventListener("change", () => localStorage.setItem("keys", alone.checked ? "on" : "off"));

  const walk = (step) => {
    const rows = [...list.querySelectorAll("h3 a")];
    const now = rows.findIndex((row) => row.closest("li, article").contains(document.activeElement));
    const next = now < 0 ? 0 : Math.min(Math.max(now + step, 0), rows.length - 1);
    rows[next]?.focus();
  };
  const go = (to) => {
    const there = document.querySelector(to);
    if (there?.matches("a")) there.click();
    else there?.focus();
  };
  const isTyping = (place) => place.matches("input, textarea, select") && place.type !== "checkbox";

  document.addEventListener("keydown", (event) => {
    const chord = event.altKey && event.shiftKey && !event.ctrlKey && !event.metaKey;
    const bare = !event.altKey && !event.shiftKey && !event.ctrlKey && !event.metaKey;
    const here = bare && alone.checked && list.contains(event.target) && !isTyping(event.target);
    const key = chord ? event.code.replace("Key", "").toLowerCase() : event.key;
    const wanted = (chord || here) && keys.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!wanted) return;
    event.preventDefault();
    if (wanted.dataset.step) walk(Number(wanted.dataset.step));
    else go(wanted.dataset.to);
  });
}
