/* Loket, the page of one case. ES5. Looking at photos, answering by keyboard, holding the case.
   Everything here also works without this file, by mouse and plain forms. */
(function (win, doc) {
  'use strict';
  var FIRST = { zoom: 1, x: 0, y: 0, turn: 0, mirror: 1, bright: 1 };
  // where a face usually is on a card and on a selfie, as parts of the picture: middle x, y and height
  var FACES = [{ x: 0.78, y: 0.46, height: 0.22 }, { x: 0.52, y: 0.4, height: 0.42 }];
  var views = [].slice.call(doc.querySelectorAll('[data-view]')), active = 0, comparing = false, dragged = false;

  function find(selector, root) { return (root || doc).querySelector(selector); }
  function all(selector, root) { return [].slice.call((root || doc).querySelectorAll(selector)); }
  function copy(from) { var to = {}, key; for (key in from) { to[key] = from[key]; } return to; }
  function isTyping(node) {
    return /^(TEXTAREA|SELECT)$/.test(node.tagName) || (node.tagName === 'INPUT' && !/^(radio|checkbox|submit)$/.test(node.type));
  }

  /* -- photos -- */

  function picture(view) { return find('img', view); }
  function state(view) { return view.loket || (view.loket = copy(FIRST)); }

  function draw(view) {
    var img = picture(view), now = state(view), frame = find('.frame', view), fit = 1;
    if (now.turn % 2 && img.offsetWidth) {
      fit = Math.min(frame.clientWidth / img.offsetHeight, frame.clientHeight / img.offsetWidth, 1);
    }
    img.style.transform = 'translate(' + now.x + 'px,' + now.y + 'px) scale(' + now.zoom * fit * now.mirror + ',' +
      now.zoom * fit + ') rotate(' + now.turn * 90 + 'deg)';
    img.style.filter = now.bright === 1 ? '' : 'brightness(' + now.bright + ')';
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

  function enlarge(index) {
    var view = views[index], was = large();
    if (!view || comparing) { return; }
    active = index;
    if (was) { was.classList.remove('large'); reset(was); }
    if (was !== view) { view.classList.add('large'); }
    doc.body.classList.toggle('looking', !!large());
    draw(view);
  }

  // Both faces as high as a good part of the window: one scale for two pictures of different sizes.
  function toFace(view, face) {
    var img = picture(view), frame = find('.frame', view), factor;
    factor = frame.clientHeight * 0.62 / (img.offsetHeight * face.height);
    change(view, {
      zoom: Math.max(1, factor), turn: 0, mirror: 1,
      x: (0.5 - face.x) * img.offsetWidth * factor, y: (0.5 - face.y) * img.offsetHeight * factor
    });
  }

  function compare(on) {
    if (views.length < 2 || on === comparing) { return; }
    if (on && large()) { enlarge(views.indexOf(large())); }
    comparing = on;
    doc.body.classList.toggle('comparing', on);
    doc.body.classList.toggle('looking', on);
    [0, 1].forEach(function (index) { reset(views[index]); if (on) { toFace(views[index], FACES[index]); } });
  }

  function looked() { return comparing ? views.slice(0, 2) : [large() || views[active]]; }

  // arrows move what one looks at; beside enlarged photos they belong to the answers
  var STEPS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

  function moved(view, step) {
    var now = state(view), frame = find('.frame', view);
    change(view, { x: now.x + step[0] * frame.clientWidth / 8, y: now.y + step[1] * frame.clientHeight / 8 });
  }

  function photoKey(key) {
    var shown = looked();
    if (/^[1-3]$/.test(key)) { enlarge(key - 1); return true; }
    if (key === 'c') { compare(!comparing); return true; }
    if (key === 'Escape') { if (comparing) { compare(false); } else if (large()) { enlarge(views.indexOf(large())); } return true; }
    if (!shown[0]) { return false; }
    if (STEPS[key] && (comparing || large() || (state(shown[0]).zoom > 1 && !doc.activeElement.closest('[data-point]')))) {
      shown.forEach(function (view) { moved(view, STEPS[key]); });
      return true;
    }
    shown.forEach(function (view) {
      var now = state(view);
      if (key === 'r') { change(view, { turn: (now.turn + 1) % 4 }); }
      if (key === 'm') { change(view, { mirror: -now.mirror }); }
      if (key === 'b') { change(view, { bright: now.bright >= 2.2 ? 0.7 : Math.round((now.bright + 0.3) * 10) / 10 }); }
      if (key === '+' || key === '=') { zoom(view, 1.25); }
      if (key === '-') { zoom(view, 0.8); }
      if (key === '0') { reset(view); }
    });
    return /^[rmb0+=-]$/.test(key);
  }

  function pan(view) {
    var from = null;
    var frame = find('.frame', view);
    frame.addEventListener('pointerdown', function (event) {
      var now = state(view);
      active = views.indexOf(view);
      from = { x: event.clientX - now.x, y: event.clientY - now.y, startX: event.clientX, startY: event.clientY };
      dragged = false;
    });
    win.addEventListener('pointermove', function (event) {
      if (!from) { return; }
      if (Math.abs(event.clientX - from.startX) + Math.abs(event.clientY - from.startY) > 4) { dragged = true; }
      if (dragged) { change(view, { x: event.clientX - from.x, y: event.clientY - from.y }); }
    });
    win.addEventListener('pointerup', function () { from = null; });
    frame.addEventListener('wheel', function (event) {
      if (!comparing && large() !== view) { return; }
      event.preventDefault();
      zoom(view, event.deltaY < 0 ? 1.1 : 1 / 1.1);
    }, { passive: false });
    frame.addEventListener('mouseenter', function () { active = views.indexOf(view); });
  }

  function failed(view) { view.classList.add('failed'); }

  views.forEach(function (view, index) {
    var img = picture(view);
    pan(view);
    if (img.complete && !img.naturalWidth) { failed(view); }
    img.addEventListener('error', function () { failed(view); });
    view.addEventListener('click', function (event) {
      var act = event.target.getAttribute('data-photo');
      active = index;
      if (act === 'turn') { change(view, { turn: (state(view).turn + 1) % 4 }); }
      if (act === 'reset') { reset(view); }
      if (act === 'enlarge') { if (comparing) { compare(false); } else { enlarge(index); } }
      if (event.target.tagName === 'IMG' && !dragged && !comparing) { enlarge(index); }
    });
  });

  /* -- answering -- */

  var ORDER = { y: 0, t: 1, p: 2 };

  function points() { return all('[data-point]').filter(function (point) { return !point.disabled; }); }
  function isAnswered(point) { return !!find('input:checked', point); }

  function pointInHand() {
    var own = doc.activeElement && doc.activeElement.closest ? doc.activeElement.closest('[data-point]') : null;
    return own || points().filter(function (point) { return !isAnswered(point); })[0];
  }

  function goOn(point) {
    var rest = points(), next = rest[rest.indexOf(point) + 1], target;
    target = next ? find('input:checked', next) || find('input', next) : find('[data-ask="s"]');
    if (target) { target.focus(); target.scrollIntoView({ block: 'nearest' }); }
  }

  function answer(key) {
    var point = pointInHand(), choice = point && all('input', point)[ORDER[key]];
    if (!choice) { return false; }
    if (point.id === 'siak' && key === 't') { all('input', point)[1].focus(); return true; }
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

  // *tidak* and a NIK that differs propose their reason and open where it waits; an answer that is
  // changed takes its proposal back, and leaves alone what the officer ticked
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
      box.closest('details').open = true;
    });
  }

  doc.addEventListener('change', function (event) {
    if (event.target.closest('[data-point]')) { propose(); }
  });

  /* -- the NIK is read on the card, never pasted -- */

  doc.addEventListener('paste', function (event) { if (event.target.hasAttribute('data-typed-only')) { event.preventDefault(); } });
  doc.addEventListener('drop', function (event) { if (event.target.hasAttribute && event.target.hasAttribute('data-typed-only')) { event.preventDefault(); } });
  doc.addEventListener('input', function (event) {
    if (event.target.hasAttribute('data-typed-only') && event.target.value.replace(/\D/g, '').length === 16) {
      find('button', event.target.parentNode).click();
    }
  });
  // what is kept by itself goes to the draft: htmx would send it to the address of the button pressed last
  doc.addEventListener('htmx:configRequest', function (event) {
    if (event.detail.elt.hasAttribute('data-work')) { event.detail.path = event.detail.elt.getAttribute('hx-post'); }
  });
  doc.addEventListener('htmx:afterSwap', function (event) {
    if (event.detail.target.id !== 'bukti-nik') { return; }
    var same = find('#bukti-nik .same'), field = find('#nik_read');
    propose();
    if (same) { goOn(null); } else if (field) { field.focus(); field.select(); }
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

  doc.addEventListener('keydown', function (event) {
    var ask;
    if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) { return; }
    if (photoKey(event.key)) { event.preventDefault(); return; }
    if (event.key in ORDER && answer(event.key)) { event.preventDefault(); return; }
    ask = event.key === 's' && find('[data-ask="s"]');
    if (ask && !ask.disabled) { event.preventDefault(); ask.focus(); }
  });

  // what will be sent is open while the button has the focus
  all('[data-ask]').forEach(function (button) {
    var peek = find('.peek', button.parentNode);
    button.addEventListener('focus', function () { if (peek && button.matches(':focus-visible')) { peek.open = true; } });
    button.addEventListener('blur', function (event) { if (peek && !peek.contains(event.relatedTarget)) { peek.open = false; } });
  });
}(window, document));
