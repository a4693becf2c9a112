// Comfort for the case pages: who else is looking, ticks across pages, one open form at a time.
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

  function ticks(form) {
    var boxes = form.querySelectorAll('input[name="code"]');
    var page = form.querySelector("[data-ticks-page]");
    var all = form.querySelector("[data-ticks-all]");
    var count = form.querySelector("[data-ticks-count]");
    var button = form.querySelector("[data-ticks-button]");
    function tell() {
      var chosen = form.querySelectorAll('input[name="code"]:checked').length;
      var every = all && all.checked;
      count.textContent = every ? all.dataset.total : String(chosen);
      button.disabled = !every && !chosen;
      page.checked = Boolean(boxes.length) && chosen === boxes.length;
      page.indeterminate = chosen > 0 && chosen < boxes.length;
    }
    page.addEventListener("change", function () {
      boxes.forEach(function (box) { box.checked = page.checked; });
      if (all && !page.checked) { all.checked = false; }
      tell();
    });
    if (all) {
      all.addEventListener("change", function () {
        boxes.forEach(function (box) { box.checked = all.checked; });
        tell();
      });
    }
    boxes.forEach(function (box) {
      box.addEventListener("change", function () {
        if (all && !box.checked) { all.checked = false; }
        tell();
      });
    });
    tell();
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
  document.querySelectorAll("form[data-ticks]").forEach(ticks);
  document.querySelectorAll("[data-rows]").forEach(rows);
  document.querySelectorAll("select[data-goes]").forEach(function (select) {
    select.addEventListener("change", function () { location.assign(select.value); });
  });
  var one = document.querySelectorAll("details[data-one-open]");
  one.forEach(function (box) {
    box.addEventListener("toggle", function () {
      if (!box.open) { return; }
      one.forEach(function (other) { if (other !== box) { other.open = false; } });
      var first = box.querySelector("select, textarea, input:not([type=hidden])");
      if (first) { first.focus(); }
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
