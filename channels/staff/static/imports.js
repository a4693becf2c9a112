// Comfort for imports: progress without reloading, ticks kept at once, files dropped on the box.
(function () {
  "use strict";

  function follow(box) {
    var bar = box.querySelector("progress");
    var told = box.querySelector("[data-progress-text]");
    function look() {
      fetch(box.dataset.progress, { credentials: "same-origin", redirect: "error" })
        .then(function (answer) { if (!answer.ok) { throw new Error(); } return answer.json(); })
        .then(function (now) {
          if (now.state !== box.dataset.state || !now.moving) { location.reload(); return; }
          // Without a value the bar shows that something goes on, not how far it is.
          if (now.total) { bar.max = now.total; bar.value = now.done; }
          told.textContent = now.total ? " " + now.done + " / " + now.total : "";
          setTimeout(look, 1000);
        })
        // The line is cut, or one is signed out: ask again later, and a reload tells which.
        .catch(function () { setTimeout(look, 5000); });
    }
    setTimeout(look, 1000);
  }

  function keep(form) {
    var chosen = form.querySelector("[data-chosen]");
    var save = form.querySelector("[data-save]");
    if (!chosen || !window.fetch) { return; }
    if (save) { save.hidden = true; }
    form.addEventListener("change", function (event) {
      var tick = event.target;
      if (tick.name !== "ticked") { return; }
      var sent = new FormData();
      sent.append("csrf", form.elements.csrf.value);
      sent.append(tick.checked ? "on" : "off", tick.value);
      fetch(form.dataset.ticksLive, { method: "POST", body: sent, credentials: "same-origin", redirect: "error" })
        .then(function (answer) { if (!answer.ok) { throw new Error(); } return answer.json(); })
        .then(function (now) { chosen.textContent = now.chosen; })
        .catch(function () { if (save) { save.hidden = false; } });
    });
  }

  function drop(form) {
    var box = form.querySelector("[data-drop]");
    var input = form.querySelector("input[name=files]");
    ["dragenter", "dragover"].forEach(function (name) {
      box.addEventListener(name, function (event) { event.preventDefault(); box.classList.add("is-over"); });
    });
    ["dragleave", "drop"].forEach(function (name) {
      box.addEventListener(name, function () { box.classList.remove("is-over"); });
    });
    box.addEventListener("drop", function (event) {
      event.preventDefault();
      if (event.dataTransfer.files.length) { input.files = event.dataTransfer.files; }
    });
  }

  document.querySelectorAll("[data-progress]").forEach(follow);
  document.querySelectorAll("[data-ticks-live]").forEach(keep);
  document.querySelectorAll("[data-import]").forEach(drop);
})();
