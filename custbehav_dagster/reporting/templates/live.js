"use strict";
// Ask now and then whether a refresh has landed; if so, show the page anew where the reader was.
(function () {
  var known = null;
  function ask() {
    fetch(location.href, { method: "HEAD", cache: "no-store" }).then(function (answer) {
      var mark = answer.ok ? answer.headers.get("ETag") : known;
      if (known !== null && mark !== known) location.reload();
      else known = mark;
    }).catch(function () { });
  }
  ask();
  setInterval(ask, 5000);
})();
