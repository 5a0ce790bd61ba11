/* Switches a page's theme, and prints it. Nothing is fetched. */
(function () {
  "use strict";

  const root = document.documentElement;
  const button = document.getElementById("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");

  const theme = () => root.dataset.theme || (dark.matches ? "dark" : "light");

  function label() {
    const other = theme() === "dark" ? "light" : "dark";
    button.textContent = other === "dark" ? "Dark" : "Light";
    button.setAttribute("aria-label", "Switch to the " + other + " theme");
  }

  button.addEventListener("click", () => {
    root.dataset.theme = theme() === "dark" ? "light" : "dark";
    label();
  });
  dark.addEventListener("change", label);
  document.getElementById("print").addEventListener("click", () => window.print());
  label();
})();
