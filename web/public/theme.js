// Runs before the first paint: a theme chosen by hand must not flash the other one. A file, because the CSP forbids inline scripts.
(function () {
  try {
    var theme = localStorage.getItem("countersign.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch (_) {
    // Storage may be forbidden; the system's theme applies.
  }
})();
