/* A list of cases renews itself: numbers, cells and marks change in place, no line moves; what came since stands in
   one line on top. J and K, or the arrows, walk through the lines. On a wide screen the list one came from stands
   beside the case. ES5. */
(function (doc) {
  'use strict';
  var EVERY = 10000, GONE = 'sudah tidak di daftar ini';
  var list = doc.querySelector('[data-renew]'), aside = doc.querySelector('[data-beside]'), version = '', reading = null;

  function lines(root) { return [].slice.call(root.querySelectorAll('tr[data-case]')); }

  function lineOf(root, id) { return root.querySelector('tr[data-case="' + id + '"]'); }

  function ask(url, then) {
    var request = new XMLHttpRequest();
    request.open('GET', url);
    request.setRequestHeader('HX-Request', 'true');
    if (version) { request.setRequestHeader('If-None-Match', version); }
    request.onload = function () {
      if (request.status !== 200) { return; }
      version = request.getResponseHeader('ETag') || '';
      then(bare(new DOMParser().parseFromString(request.responseText, 'text/html')));
    };
    request.send();
  }

  function renew() {
    if (!doc.hidden) { ask(list.getAttribute('data-renew'), merge); }
  }

  /* beside a case nothing is ticked */
  function bare(found) {
    if (aside) { [].forEach.call(found.querySelectorAll('.choice-cell'), function (cell) { cell.remove(); }); }
    return found;
  }

  /* -- the list beside the case -- */

  function stand(found) {
    var table = found.querySelector('table.list'), tab = found.querySelector('ul.tabs a[aria-current]');
    var fresh = found.getElementById('baru'), here, head = doc.createElement('h2'), back = doc.createElement('a');
    if (!table) { return; }
    table.tHead.remove();
    back.href = aside.getAttribute('data-back');
    back.textContent = tab ? tab.firstChild.nodeValue : 'Daftar';
    head.appendChild(back);
    fresh.querySelector('a').href = back.href;
    fresh.querySelector('a').removeAttribute('data-key');
    [head, fresh, table].forEach(function (part) { aside.firstElementChild.appendChild(doc.importNode(part, true)); });
    list = aside.querySelector('table');
    here = lineOf(aside, aside.getAttribute('data-current'));
    if (here) {
      here.className = 'here';
      here.querySelector('a').setAttribute('aria-current', 'page');
    }
    aside.hidden = false;
    doc.getElementById('isi').classList.add('has-beside');
    if (here) { aside.firstElementChild.scrollTop = here.offsetTop - aside.firstElementChild.clientHeight / 2; }
    setInterval(renew, EVERY);
  }

  function merge(now) {
    [].forEach.call(doc.querySelectorAll('ul.tabs b'), function (number) {
      var other = now.getElementById(number.id);
      if (other && other.textContent !== number.textContent) { number.textContent = other.textContent; }
    });
    lines(doc).forEach(function (line) {
      var other = lineOf(now, line.getAttribute('data-case'));
      line.classList.toggle('gone', !other);
      line.title = other ? '' : GONE;
      if (other && line !== reading) { change(line, other); }
    });
    tell(lines(now).filter(function (line) { return !lineOf(doc, line.getAttribute('data-case')); }).length);
  }

  /* the cell one is in, or points at, stays as it is */
  function change(line, other) {
    [].forEach.call(line.cells, function (cell, place) {
      var fresh = other.cells[place];
      if (cell.querySelector('input') || cell.contains(doc.activeElement) || cell.innerHTML === fresh.innerHTML) { return; }
      cell.innerHTML = fresh.innerHTML;
    });
  }

  function tell(number) {
    var line = doc.getElementById('baru');
    if (!line) { return; }
    line.querySelector('b').textContent = number;
    line.hidden = !number;
  }

  /* -- keys -- */

  function walk(step) {
    var all = lines(doc), at = all.indexOf(doc.activeElement.closest ? doc.activeElement.closest('tr[data-case]') : null);
    var next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step];
    if (!next) { return false; }
    next.querySelector('a').focus();
    return true;
  }

  doc.addEventListener('keydown', aside ? function () { return; } : function (event) {
    var step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    if (!step || event.ctrlKey || event.altKey || event.metaKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) { return; }
    if (walk(step)) { event.preventDefault(); }
  });
  doc.addEventListener('change', function (event) {
    var form = event.target.form;
    if (form && form.hasAttribute('data-filter') && event.target.tagName === 'SELECT') { form.submit(); }
  });
  /* -- many at once: the bar follows once something is ticked -- */

  function picked() {
    var number = doc.querySelectorAll('.choice-cell input:checked').length, bar = doc.querySelector('.many');
    if (!bar) { return; }
    bar.classList.toggle('some', number > 0);
    bar.querySelector('[data-picked]').textContent = number || '';
  }

  [].forEach.call(doc.querySelectorAll('[data-all]'), function (all) {
    all.hidden = false;
    all.addEventListener('change', function () {
      [].forEach.call(doc.querySelectorAll('.choice-cell input'), function (one) { one.checked = all.checked; });
      picked();
    });
  });
  doc.addEventListener('change', picked);
  doc.addEventListener('mouseover', function (event) { reading = event.target.closest('tr[data-case]'); });
  if (list) { setInterval(renew, EVERY); }
  if (aside && window.matchMedia && matchMedia('(min-width: 100em)').matches) { ask(aside.getAttribute('data-beside'), stand); }
}(document));
