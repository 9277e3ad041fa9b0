/* Loket, office side, every page. ES5. Keys: data-key="b" on a link, button or field opens or enters it,
   Ctrl+Enter sends the form one types in, ? shows the list of keys. */
(function (doc) {
  'use strict';

  function isTyping(node) {
    return /^(TEXTAREA|SELECT)$/.test(node.tagName) || (node.tagName === 'INPUT' && !/^(radio|checkbox|submit)$/.test(node.type));
  }

  function byKey(key) {
    var found = doc.querySelector('[data-key="' + (/^[a-z\/]$/.test(key) ? key : '') + '"]');
    if (!found) { return false; }
    if (isTyping(found)) { found.focus(); } else { found.click(); }
    return true;
  }

  function showKeys() {
    var list = doc.querySelector('.keys');
    if (list) { list.open = !list.open; }
    return !!list;
  }

  function send(event) {
    var form = event.target.form, button = form && form.querySelector('[data-send]');
    if (button && event.key === 'Enter') { event.preventDefault(); button.click(); }
  }

  doc.addEventListener('keydown', function (event) {
    if (event.ctrlKey && !event.altKey && isTyping(event.target)) { send(event); }
    if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) { return; }
    if (event.key === '?' ? showKeys() : byKey(event.key)) { event.preventDefault(); }
  });
}(document));
