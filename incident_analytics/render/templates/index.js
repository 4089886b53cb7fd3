/* Search, sorting and filters of the index. Without script the table stands as it is, newest first. */
(function () {
  'use strict';
  var table = document.querySelector('.ix'), body = table.tBodies[0], rows = [].slice.call(body.rows);
  var search = document.getElementById('q'), sort = document.getElementById('so'), set = document.getElementById('co'), kind = document.getElementById('ki');
  var out = document.getElementById('out'), none = document.getElementById('none'), form = document.querySelector('.controls');
  var key = {
    date: function (r) { return r.dataset.d; }, sev: function (r) { return -r.dataset.s; },
    dur: function (r) { return +r.dataset.m; }, q: function (r) { return -r.dataset.q; }
  };
  rows.forEach(function (r) { r.searched = (r.textContent + ' ' + r.dataset.d + ' ' + r.dataset.c).toLowerCase(); });
  function apply() {
    var parts = sort.value.split(':'), of = key[parts[0]], sign = parts[1] === 'd' ? -1 : 1, shown = 0;
    var words = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean), page = document.createDocumentFragment();
    rows.sort(function (a, b) { var x = of(a), y = of(b); return (x < y ? -1 : x > y ? 1 : 0) * sign; });
    rows.forEach(function (r) {
      var fits = words.every(function (w) { return r.searched.indexOf(w) >= 0; }) && (!set || !set.value || r.dataset.c === set.value) && (!kind || !kind.value || r.dataset.k === kind.value);
      r.hidden = !fits; r.style.display = fits ? '' : 'none'; shown += fits; page.append(r);
    });
    body.append(page);
    out.textContent = shown + ' of ' + rows.length + ' incidents';
    none.hidden = shown > 0;
    table.classList.toggle('dense', shown > 60);
    [].forEach.call(table.querySelectorAll('thead th'), function (h) {
      if (h.dataset.k === parts[0]) { h.setAttribute('aria-sort', parts[1] === 'd' ? 'descending' : 'ascending'); } else { h.removeAttribute('aria-sort'); }
    });
  }
  form.addEventListener('submit', function (e) { e.preventDefault(); });
  search.addEventListener('input', apply);
  [sort, set, kind].forEach(function (s) { if (s) { s.addEventListener('change', apply); } });
  [].forEach.call(table.querySelectorAll('thead button'), function (b) {
    b.addEventListener('click', function () { var k = b.parentNode.dataset.k; sort.value = k + (sort.value === k + ':d' ? ':a' : ':d'); apply(); });
  });
  form.hidden = false;
  apply();
})();
