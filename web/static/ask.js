// Enter asks the question; Shift+Enter starts a new line. Without script the button does it.
for (const box of document.querySelectorAll("[data-enter]")) {
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      box.form.requestSubmit();
    }
  });
}
