/* Loket, office side. ES5. Photos of a case: 1, 2, 3 enlarge, R turns, Escape puts back. */
(function (doc) {
  'use strict';
  var last = 0;

  function views() { return doc.querySelectorAll('.photo-view'); }

  function shrinkAll(except) {
    var all = views(), i;
    for (i = 0; i < all.length; i++) { if (all[i] !== except) { all[i].classList.remove('large'); } }
  }

  // lifts the photos above the head and the acts
  function look() { doc.body.classList.toggle('looking', !!doc.querySelector('.photo-view.large')); }

  function enlarge(index) {
    var view = views()[index];
    if (!view) { return; }
    last = index;
    shrinkAll(view);
    view.classList.toggle('large');
    look();
  }

  function turn(view) {
    var now = +(view.getAttribute('data-turn') || 0), next = (now + 1) % 4;
    view.classList.remove('turn' + now);
    view.classList.add('turn' + next);
    view.setAttribute('data-turn', next);
  }

  function isTyping(node) { return /^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName); }

  doc.addEventListener('click', function (event) {
    var act = event.target.getAttribute('data-photo'), all = views(), i;
    for (i = 0; i < all.length; i++) {
      if (!all[i].contains(event.target)) { continue; }
      if (act === 'turn') { turn(all[i]); } else if (act === 'enlarge' || event.target.tagName === 'IMG') { enlarge(i); }
    }
  });

  doc.addEventListener('keydown', function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) { return; }
    if (/^[1-3]$/.test(event.key)) { enlarge(event.key - 1); }
    if (event.key === 'r' && views()[last]) { turn(views()[last]); }
    if (event.key === 'Escape') { shrinkAll(); look(); }
  });
}(document));
