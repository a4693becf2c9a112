// Lays the paper out on A4 pages with numbers: margin boxes of CSS are too new for office desks.
(function () {
  "use strict";

  var LEAST = 20;

  function page(paper) {
    var sheet = document.createElement("section");
    sheet.className = "page";
    var body = document.createElement("div");
    sheet.appendChild(body);
    sheet.appendChild(paper.querySelector(":scope > .watermark").cloneNode(true));
    sheet.appendChild(paper.querySelector(":scope > footer").cloneNode(true));
    paper.appendChild(sheet);
    return body;
  }

  function room(body) {
    var style = getComputedStyle(body.parentNode);
    var inner = body.parentNode.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
    return inner - body.offsetHeight;
  }

  function words(unit) {
    if (unit.tagName === "TR") { return unit.cells[unit.cells.length - 1].lastChild; }
    return unit.classList.contains("body") || unit.classList.contains("event") ? unit.lastChild : null;
  }

  // The longest beginning of a text that still fits stays, the rest goes on overleaf.
  function split(unit, body) {
    var node = words(unit);
    if (!node || node.nodeType !== 3) { return null; }
    var text = node.data, low = 0, high = text.length;
    while (low < high) {
      var middle = Math.ceil((low + high) / 2);
      node.data = text.slice(0, middle);
      if (room(body) >= 0) { low = middle; } else { high = middle - 1; }
    }
    if (low < LEAST || text.length - low < LEAST) { node.data = text; return null; }
    node.data = text.slice(0, low);
    var rest = unit.cloneNode(true);
    words(rest).data = text.slice(low);
    if (unit.tagName === "TR") { rest.cells[0].textContent += /（续）$/.test(rest.cells[0].textContent) ? "" : "（续）"; }
    else { rest.classList.add("goes-on"); }
    return rest;
  }

  // A table goes row by row.
  function units(flow) {
    var found = [];
    Array.prototype.forEach.call(flow.children, function (child) {
      if (child.tagName !== "TABLE") { found.push(child.cloneNode(true)); return; }
      Array.prototype.forEach.call(child.rows, function (row) { found.push(row.cloneNode(true)); });
    });
    return found;
  }

  function put(unit, body, flow) {
    if (unit.tagName !== "TR") { body.appendChild(unit); return; }
    var table = body.lastElementChild;
    if (!table || table.tagName !== "TABLE") {
      table = flow.querySelector("table").cloneNode(false);
      body.appendChild(table);
    }
    table.appendChild(unit);
  }

  function layOut(paper) {
    var flow = paper.querySelector("[data-flow]");
    var left = units(flow);
    paper.classList.add("paged");
    var body = page(paper);
    while (left.length) {
      var unit = left.shift();
      put(unit, body, flow);
      if (room(body) >= 0) { continue; }
      var rest = split(unit, body);
      if (rest) { left.unshift(rest); body = page(paper); continue; }
      var from = unit.parentNode;
      var alone = body.children.length === 1 && (from === body || from.children.length === 1);
      if (alone) { continue; }
      from.removeChild(unit);
      if (from !== body && !from.children.length) { body.removeChild(from); }
      left.unshift(unit);
      body = page(paper);
    }
    var pages = paper.querySelectorAll(".page");
    Array.prototype.forEach.call(pages, function (sheet, at) {
      var number = document.createElement("span");
      number.textContent = "第 " + (at + 1) + " 页，共 " + pages.length + " 页";
      sheet.querySelector("footer").appendChild(number);
    });
  }

  var paper = document.querySelector("[data-paper]");
  if (paper) { layOut(paper); }
  var button = document.querySelector("[data-print]");
  if (button) { button.addEventListener("click", function () { window.print(); }); }
})();
