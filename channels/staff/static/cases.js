// Comfort for the case pages: who else is looking, rows by keyboard, one open form at a time.
(function () {
  "use strict";

  var BEAT = 20000;

  function presence(bar) {
    var names = bar.querySelector("[data-presence-names]");
    function beat() {
      if (document.hidden) { return; }
      var body = new URLSearchParams();
      body.set("csrf", bar.dataset.csrf);
      fetch(bar.dataset.presence, { method: "POST", body: body, credentials: "same-origin" })
        .then(function (answer) { return answer.ok ? answer.json() : null; })
        .then(function (found) {
          if (!found) { return; }
          names.textContent = found.names.join("、");
          bar.classList.toggle("d-none", !found.names.length);
        })
        .catch(function () { /* The next beat tries again. */ });
    }
    setInterval(beat, BEAT);
    document.addEventListener("visibilitychange", beat);
  }

  // Enter on a row opens it, arrows go from row to row; a tick box alone would send the form.
  function rows(body) {
    body.addEventListener("keydown", function (event) {
      var row = event.target.closest("tr");
      var link = row && row.querySelector("a[href]");
      if (!link) { return; }
      if (event.key === "Enter" && event.target.matches("input")) {
        event.preventDefault();
        link.click();
      }
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") { return; }
      var next = event.key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling;
      var same = next && next.querySelector(event.target.matches("input") ? "input" : "a[href]");
      if (same) { event.preventDefault(); same.focus(); }
    });
  }

  document.querySelectorAll("[data-presence]").forEach(presence);
  document.querySelectorAll("[data-rows]").forEach(rows);
  var one = document.querySelectorAll("details[data-one-open]");
  one.forEach(function (box) {
    box.addEventListener("toggle", function () {
      if (!box.open) { return; }
      one.forEach(function (other) { if (other !== box) { other.open = false; } });
      var first = box.querySelector("select, textarea, input:not([type=hidden])");
      if (first) { first.focus(); }
    });
  });
  // Text that was kept from before must not lie in a form that is shut.
  one.forEach(function (box) {
    box.querySelectorAll("textarea").forEach(function (field) {
      if (field.value !== field.defaultValue) { box.open = true; }
    });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") { return; }
    var open = event.target.closest && event.target.closest("details[open]");
    if (!open) { open = document.querySelector("details.case-statuses[open], details.case-show[open]"); }
    if (!open) { return; }
    open.open = false;
    open.querySelector("summary").focus();
  });
})();
