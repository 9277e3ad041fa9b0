/* Loket, the page of one case. ES5. Looking at photos, answering by keyboard, holding the case.
   Everything here also works without this file, by mouse and plain forms. */
(function (win, doc) {
  'use strict';
  var FIRST = { zoom: 1, x: 0, y: 0, turn: 0, mirror: 1, bright: 1 };
  var views = all('[data-view]'), active = 0, dragged = false;

  function find(selector, root) { return (root || doc).querySelector(selector); }
  function all(selector, root) { return [].slice.call((root || doc).querySelectorAll(selector)); }
  function copy(from) { var to = {}, key; for (key in from) { to[key] = from[key]; } return to; }

  // the box of the NIK takes digits alone, so every other key still does what it says
  function isTyping(node, key) {
    if (node.hasAttribute && node.hasAttribute('data-typed-only') && /^([a-z?[\]]|Escape)$/.test(key)) { return false; }
    return /^(TEXTAREA|SELECT)$/.test(node.tagName) || (node.tagName === 'INPUT' && !/^(radio|checkbox|submit)$/.test(node.type));
  }

  /* -- photos -- */

  function pictures(view) { return all(view.classList.contains('pair') ? 'canvas' : 'img', view); }
  function state(view) { return view.loket || (view.loket = copy(FIRST)); }

  function draw(view) {
    var now = state(view);
    pictures(view).forEach(function (img) {
      var frame = img.parentNode, fit = 1;
      if (now.turn % 2 && img.offsetWidth) {
        fit = Math.min(frame.clientWidth / img.offsetHeight, frame.clientHeight / img.offsetWidth, 1);
      }
      img.style.transform = 'translate(' + now.x + 'px,' + now.y + 'px) scale(' + now.zoom * fit * now.mirror + ',' +
        now.zoom * fit + ') rotate(' + now.turn * 90 + 'deg)';
      img.style.filter = now.bright === 1 ? '' : 'brightness(' + now.bright + ')';
    });
    view.classList.toggle('zoomed', now.zoom > 1);
  }

  function change(view, values) {
    var now = state(view), key;
    for (key in values) { now[key] = values[key]; }
    draw(view);
  }

  function reset(view) { view.loket = copy(FIRST); draw(view); }

  function zoom(view, factor) {
    var now = state(view), next = Math.max(1, Math.min(12, now.zoom * factor));
    change(view, next === 1 ? { zoom: 1, x: 0, y: 0 } : { zoom: next, x: now.x * next / now.zoom, y: now.y * next / now.zoom });
  }

  function large() { return find('[data-view].large'); }
  function placeOf(kind) { return views.indexOf(find('[data-view="' + kind + '"]')); }

  function enlarge(index) {
    var view = views[index], was = large();
    if (!view) { return; }
    active = index;
    if (was) { was.classList.remove('large'); reset(was); }
    if (was !== view) { view.classList.add('large'); }
    draw(view);
  }

  // arrows move what one looks at; beside enlarged photos they belong to the answers
  var STEPS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

  function moved(view, step) {
    var now = state(view), frame = find('.frame', view);
    change(view, { x: now.x + step[0] * frame.clientWidth / 8, y: now.y + step[1] * frame.clientHeight / 8 });
  }

  var TOOLS = {
    turn: function (view) { change(view, { turn: (state(view).turn + 1) % 4 }); },
    mirror: function (view) { change(view, { mirror: -state(view).mirror }); },
    bright: function (view) { change(view, { bright: state(view).bright >= 2.2 ? 0.7 : Math.round((state(view).bright + 0.3) * 10) / 10 }); },
    reset: reset,
    enlarge: function (view) { enlarge(views.indexOf(view)); },
    nearer: function (view) { zoom(view, 1.25); },
    further: function (view) { zoom(view, 0.8); }
  };
  var KEYS = { r: 'turn', m: 'mirror', b: 'bright', '0': 'reset', '+': 'nearer', '=': 'nearer', '-': 'further' };

  function photoKey(key) {
    var view = large() || views[active], isLarge = !!large();
    if (/^[1-4]$/.test(key)) { enlarge(key - 1); return true; }
    if (key === 'c') { enlarge(placeOf('face')); return true; }
    if (key === 'Escape' && isLarge) { enlarge(views.indexOf(view)); return true; }
    if (!view) { return false; }
    if (STEPS[key] && (isLarge || (state(view).zoom > 1 && !doc.activeElement.closest('[data-point]')))) {
      moved(view, STEPS[key]);
      return true;
    }
    if (!KEYS[key]) { return false; }
    TOOLS[KEYS[key]](view);
    return true;
  }

  function pan(view) {
    var from = null, frame = find('.frame', view);
    frame.addEventListener('pointerdown', function (event) {
      var now = state(view);
      active = views.indexOf(view);
      dragged = view.classList.contains('cutting');
      if (dragged) { return; }
      from = { x: event.clientX - now.x, y: event.clientY - now.y, startX: event.clientX, startY: event.clientY };
    });
    win.addEventListener('pointermove', function (event) {
      if (!from) { return; }
      if (Math.abs(event.clientX - from.startX) + Math.abs(event.clientY - from.startY) > 4) { dragged = true; }
      if (dragged) { change(view, { x: event.clientX - from.x, y: event.clientY - from.y }); }
    });
    win.addEventListener('pointerup', function () { from = null; });
    frame.addEventListener('wheel', function (event) {
      event.preventDefault();
      zoom(view, event.deltaY < 0 ? 1.1 : 1 / 1.1);
    }, { passive: false });
    frame.addEventListener('mouseenter', function () { active = views.indexOf(view); });
  }

  function failed(view) { view.classList.add('failed'); }

  views.forEach(function (view, index) {
    pan(view);
    all('img', view).forEach(function (img) {
      if (img.complete && !img.naturalWidth) { failed(view); }
      img.addEventListener('error', function () { failed(view); });
    });
    view.addEventListener('click', function (event) {
      var button = event.target.closest('[data-photo]'), act = button && button.getAttribute('data-photo');
      active = index;
      if (TOOLS[act]) { TOOLS[act](view); }
      if (/^(IMG|CANVAS)$/.test(event.target.tagName) && !dragged) { enlarge(index); }
    });
  });

  /* -- answering -- */

  var ORDER = { y: 0, t: 1, p: 2 };

  function points() { return all('[data-point]').filter(function (point) { return !point.disabled; }); }
  function isAnswered(point) { return !!find('input:checked', point); }

  function open() { return points().filter(function (point) { return !isAnswered(point); }); }

  function pointInHand() {
    var own = doc.activeElement && doc.activeElement.closest ? doc.activeElement.closest('[data-point]') : null;
    return own || open()[0];
  }

  function enter(node) { if (node) { node.focus(); node.scrollIntoView({ block: 'nearest' }); } }

  // what still stands against the main act on this page; the server has the last word
  function hindrance() {
    var nik = find('#nik_read'), first = open()[0];
    return (nik && !find('[data-reason=KTP_BURAM]') ? nik : null) || (first && find('input', first)) ||
      all('.aside.needs + .why input').filter(function (field) { return !field.value.trim(); })[0] ||
      find('#periksa [value=tidak]:checked') || all('#why_alone').filter(function (field) { return !field.value.trim(); })[0] ||
      null;
  }

  function goOn(point) {
    var rest = points(), later = rest.slice(rest.indexOf(point) + 1).filter(function (one) { return !isAnswered(one); })[0] || open()[0];
    enter(later ? find('input', later) : find('[data-ask="s"]'));
  }

  function answer(key) {
    var point = pointInHand(), choice = point && all('input', point)[ORDER[key]];
    if (!choice) { return false; }
    if (point.id === 'siak' && key === 't') { find('.siak-other').open = true; enter(find('.siak-other input')); return true; }
    if (point.id === 'siak' && key === 'p') { choice = find('[value=unavailable]', point); }
    choice.checked = true;
    choice.dispatchEvent(new Event('change', { bubbles: true }));
    goOn(point);
    return true;
  }

  function boxOf(reason) { return doc.getElementById('r-' + reason) || doc.getElementById('g-' + reason); }

  function tick(box, on) {
    if (box.checked === on) { return; }
    box.checked = on;
    box.dispatchEvent(new Event('change', { bubbles: true }));
  }

  // *tidak* and a NIK that differs propose their reason; an answer that is changed takes its proposal back, and
  // leaves alone what the officer ticked
  function propose() {
    var wanted = all('#kerja input[data-reason]:checked, #bukti-nik p[data-reason]')
      .map(function (node) { return node.getAttribute('data-reason'); });
    all('[data-proposed]').forEach(function (box) {
      if (wanted.indexOf(box.value) < 0) { box.removeAttribute('data-proposed'); tick(box, false); }
    });
    wanted.forEach(function (reason) {
      var box = reason && boxOf(reason);
      if (!box || box.hasAttribute('data-proposed')) { return; }
      box.setAttribute('data-proposed', '');
      tick(box, true);
    });
  }

  doc.addEventListener('change', function (event) {
    if (event.target.closest('[data-point]')) { propose(); }
    count();
  });
  doc.addEventListener('focusin', function (event) {
    var point = event.target.closest('[data-lights]'), kind = point ? point.getAttribute('data-lights') : event.target.id === 'nik_read' && 'ktp';
    views.forEach(function (view) { view.classList.toggle('lit', view.getAttribute('data-view') === kind); });
  });

  /* -- what slides over -- */

  var before = null;  // what had the focus
  function slid() { return find('[data-over][open]'); }

  // reasons that an answer proposed come first, and the first nine have a digit
  function arrange(over) {
    all('fieldset', over).forEach(function (group) {
      var badge = find('[data-said-no]', group), said = !!find('[data-proposed]', group);
      group.classList.toggle('said-no', said);
      if (badge) { badge.hidden = !said; }
    });
    ticks(over).forEach(function (box, index) {
      var label = find('label[for="' + box.id + '"]');
      if (index < 9) { label.setAttribute('data-number', index + 1); } else { label.removeAttribute('data-number'); }
    });
  }

  function ticks(over) { return all('.said-no .tick > [type=checkbox], .said-no .tick > [type=radio]', over).concat(all('fieldset:not(.said-no) .tick > [type=checkbox], fieldset:not(.said-no) .tick > [type=radio]', over)); }

  function slide(id, ground) {
    var over = doc.getElementById(id), was = slid(), box = ground && doc.getElementById('g-' + ground);
    if (!over) { return; }
    if (large()) { enlarge(views.indexOf(large())); }
    if (!was) { before = doc.activeElement; }
    if (was && was !== over) { was.open = false; }
    over.open = true;
    find('.over-body', over).setAttribute('role', 'dialog');
    if (box) { box.checked = true; }
    arrange(over);
    enter(find('[autofocus]', over) || find('.error + * input, .wrong input', over) || find('.tick > input:checked:enabled', over) || ticks(over).filter(function (one) { return !one.matches(':disabled'); })[0] || find('h2', over));
  }

  function putAway() {
    var over = slid();
    if (!over) { return false; }
    over.open = false;
    if (before && doc.body.contains(before)) { before.focus(); }
    before = null;
    return true;
  }

  // how many repairs the return asks for, where it is opened and where it is sent
  function count() {
    var number = all('#kembalikan [name=reasons]:checked').length, opener = find('[data-opens=kembali]'), words = find('[data-count]');
    if (opener) { opener.classList.toggle('ready', number > 0); }
    if (words) { words.textContent = number ? ', ' + number + ' perbaikan' : ''; }
  }

  function overKey(over, event) {
    var key = event.key, box = /^[1-9]$/.test(key) && ticks(over)[key - 1], button = find('[data-inside="' + (/^[a-z]$/.test(key) ? key : '') + '"]', over);
    if (key === 'Escape') { return putAway(); }
    if (box) { if (!box.matches(':disabled')) { box.focus(); box.click(); } return true; }
    if (button) { button.click(); return true; }
    return /^[ytps]$/.test(key);
  }

  doc.addEventListener('click', function (event) {
    var opener = event.target.closest('[data-opens]'), closer = event.target.closest('[data-close]'), link = event.target.closest('.error-summary a[href^="#"]'), there;
    if (opener) { event.preventDefault(); slide(opener.getAttribute('data-opens'), opener.getAttribute('data-ground')); }
    if (closer) { putAway(); }
    there = link && find(link.getAttribute('href'));
    if (there && there.closest('[data-over]')) { event.preventDefault(); slide(there.closest('[data-over]').id); }
  });
  doc.addEventListener('keydown', function (event) {
    var over = slid(), button = over && event.ctrlKey && event.key === 'Enter' && !isTyping(event.target) && find('[data-send]:enabled', over);
    if (button) { event.preventDefault(); button.click(); }
    // a key held down must not answer the question that it called up
    if (event.repeat && event.key === 'Enter' && event.target.name === 'confirm') { event.preventDefault(); }
  });

  /* -- the NIK is read on the card, never pasted -- */

  doc.addEventListener('paste', function (event) { if (event.target.hasAttribute('data-typed-only')) { event.preventDefault(); } });
  doc.addEventListener('drop', function (event) { if (event.target.hasAttribute && event.target.hasAttribute('data-typed-only')) { event.preventDefault(); } });
  function read(field) {
    var digits = field.value.replace(/\D/g, '').length, so = find('[data-typed-so-far]');
    if (so) { so.textContent = digits + ' dari 16'; }
    if (digits === 16) { find('button', field.parentNode).click(); }
  }
  doc.addEventListener('input', function (event) { if (event.target.hasAttribute('data-typed-only')) { read(event.target); } });
  // typed before this script had come; htmx, which sends it, is ready at the same moment
  doc.addEventListener('DOMContentLoaded', function () {
    var field = find('#nik_read');
    if (field && field.value !== field.defaultValue) { read(field); }
  });
  // its own button sends it, so leaving the box sends nothing a second time
  doc.addEventListener('change', function (event) { if (event.target.hasAttribute('data-typed-only')) { event.stopPropagation(); } }, true);
  // what is kept by itself goes to the draft: htmx would send it to the address of the button pressed last
  doc.addEventListener('htmx:configRequest', function (event) {
    if (event.detail.elt.hasAttribute('data-work')) { event.detail.path = event.detail.elt.getAttribute('hx-post'); }
  });
  doc.addEventListener('htmx:afterSwap', function (event) {
    if (event.detail.target.id !== 'bukti-nik') { return; }
    var same = find('#bukti-nik .same'), field = find('#nik_read');
    propose();
    if (same || find('#bukti-nik [data-reason=KTP_BURAM]')) { goOn(null); } else if (field) { field.focus(); field.select(); }
  });

  // for looking it up in SIAK; an address without https has no clipboard, so a field is selected instead
  doc.addEventListener('click', function (event) {
    var text = event.target.getAttribute('data-copy'), field;
    if (!text) { return; }
    field = doc.createElement('textarea');
    field.value = text;
    doc.body.appendChild(field);
    field.select();
    event.target.textContent = doc.execCommand('copy') ? 'Tersalin' : 'Salin sendiri: ' + text;
    doc.body.removeChild(field);
    event.target.focus();
  });

  /* -- holding the case -- */

  function sign() { var field = find('[data-active]'); if (field) { field.value = '1'; } }
  ['keydown', 'pointerdown', 'wheel', 'mousemove'].forEach(function (name) { doc.addEventListener(name, sign, { passive: true }); });

  // the buttons follow the claim, what was typed stays
  doc.addEventListener('htmx:afterSettle', function () {
    var bar = doc.getElementById('pegangan'), free;
    if (!bar || !find('[data-work]')) { return; }
    free = bar.getAttribute('data-holding') === 'mine';
    all('[data-ask], #kembalikan [type=submit], #tolak [type=submit]').forEach(function (button) { button.disabled = !free; });
  });

  win.addEventListener('keydown', function (event) {
    var ask = find('[data-ask="s"]'), over = slid(), unreadable = event.target.hasAttribute('data-typed-only') && find('[data-unreadable]'), used;
    if (event.ctrlKey || event.altKey || event.metaKey || doc.body.classList.contains('locked')) { return; }
    if (over && event.key === 'Escape') { putAway(); event.preventDefault(); return; }
    if (event.key === 'Escape' && event.target.hasAttribute('data-typed-only') && !large()) { event.target.blur(); return; }
    if (isTyping(event.target, event.key)) { return; }
    if (over) { used = overKey(over, event); }
    else if (unreadable && event.key === 't') { unreadable.click(); used = true; }
    else if (event.key === 's' && ask && !ask.disabled) { if (hindrance()) { enter(hindrance()); } else { ask.click(); } used = true; }
    else { used = (event.key in ORDER && answer(event.key)) || photoKey(event.key); }
    if (event.key === 'l') { slide('lain'); }
    if (used) { event.preventDefault(); event.stopPropagation(); }
  }, true);

  // what will be sent is open while the button has the focus
  all('[data-ask]').forEach(function (button) {
    var peek = doc.getElementById('pesan');
    button.addEventListener('focus', function () { if (peek && button.matches(':focus-visible')) { peek.open = true; } });
    button.addEventListener('blur', function (event) { if (peek && !peek.contains(event.relatedTarget)) { peek.open = false; } });
  });

  count();
  if (slid()) { slide(slid().id); } else if (doc.activeElement === doc.body && find('#bukti-nik .same') && open()[0] && find('[data-work]') && !find('.error-summary')) { goOn(null); }
}(window, document));
