/* Loket, a photo enlarged: drag, pinch or buttons. ES5. Loaded by public.js when the first one is pressed. */
(function (win, doc) {
  'use strict';
  var open = false;

  function make(tag, words, kind) { var node = doc.createElement(tag); if (words) { node.textContent = words; } if (kind) { node.className = kind; } return node; }

  win.loketZoom = function (link) {
    var frame = make('div', '', 'zoom'), bar = make('div'), pane = make('div', '', 'pane'), image = make('img'), foot = make('div');
    var shut = make('button', 'Tutup'), less = make('button', 'Perkecil'), more = make('button', 'Perbesar'), size = make('b'), scale = 3, pinch = 0;
    if (open) { return; }
    function to(next) {
      var old = scale, x = (pane.scrollLeft + pane.clientWidth / 2) / old, y = (pane.scrollTop + pane.clientHeight / 2) / old;
      scale = Math.max(1, Math.min(6, next));
      image.style.width = 100 * scale + '%';
      size.textContent = Math.round(scale * 10) / 10 + ' kali';
      pane.scrollLeft = x * scale - pane.clientWidth / 2;
      pane.scrollTop = y * scale - pane.clientHeight / 2;
    }
    function close() { doc.body.removeChild(frame); doc.documentElement.classList.remove('zoomed'); open = false; link.focus(); }
    function between(touches) { return Math.sqrt(Math.pow(touches[0].clientX - touches[1].clientX, 2) + Math.pow(touches[0].clientY - touches[1].clientY, 2)); }
    frame.setAttribute('role', 'dialog');
    frame.setAttribute('aria-modal', 'true');
    frame.setAttribute('aria-label', link.getAttribute('data-zoom') + ', diperbesar');
    pane.tabIndex = 0;
    pane.setAttribute('role', 'region');
    pane.setAttribute('aria-label', 'Foto, dapat digeser');
    [shut, less, more].forEach(function (button) { button.type = 'button'; });
    size.setAttribute('role', 'status');
    image.alt = link.getAttribute('data-zoom');
    image.src = link.href;
    bar.appendChild(make('b', link.getAttribute('data-zoom')));
    bar.appendChild(shut);
    pane.appendChild(image);
    foot.appendChild(less);
    foot.appendChild(size);
    foot.appendChild(more);
    [bar, pane, make('p', 'Geser dengan jari.'), foot].forEach(function (node) { frame.appendChild(node); });
    doc.body.appendChild(frame);
    doc.documentElement.classList.add('zoomed');
    shut.onclick = close;
    less.onclick = function () { to(scale - 1); };
    more.onclick = function () { to(scale + 1); };
    pane.addEventListener('touchstart', function (event) { pinch = event.touches.length === 2 ? between(event.touches) / scale : 0; });
    pane.addEventListener('touchmove', function (event) {
      if (!pinch || event.touches.length !== 2) { return; }
      event.preventDefault();
      to(between(event.touches) / pinch);
    }, { passive: false });
    frame.addEventListener('keydown', function (event) {
      if (event.key === 'Escape') { close(); }
      if (event.key === 'Tab' && (event.shiftKey ? doc.activeElement === shut : doc.activeElement === more)) { event.preventDefault(); (event.shiftKey ? more : shut).focus(); }
    });
    image.onload = function () { to(3); };
    to(1);
    open = true;
    shut.focus();
  };
}(window, document));
