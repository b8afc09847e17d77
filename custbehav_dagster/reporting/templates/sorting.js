"use strict";
// A table marked data-sortable: a button in each header cell sorts the rows by that column.
document.querySelectorAll("table[data-sortable]").forEach(function (table) {
  var body = table.tBodies[0];
  if (body.rows.length < 2) return;
  Array.prototype.forEach.call(table.tHead.rows[0].cells, function (head, column) {
    if (head.hasAttribute("data-fixed")) return;
    var button = document.createElement("button");
    button.type = "button";
    while (head.firstChild) button.appendChild(head.firstChild);
    head.appendChild(button);
    button.addEventListener("click", function () {
      var up = head.getAttribute("aria-sort") === "descending";
      Array.prototype.forEach.call(table.tHead.rows[0].cells, function (other) { other.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      Array.prototype.slice.call(body.rows).sort(function (one, other) {
        var first = one.cells[column], second = other.cells[column], order;
        if (first.hasAttribute("data-value")) order = Number(first.dataset.value) - Number(second.dataset.value);
        else order = second.textContent.localeCompare(first.textContent);
        return up ? order : -order;
      }).forEach(function (row) { body.appendChild(row); });
    });
  });
});
