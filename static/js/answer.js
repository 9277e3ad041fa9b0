/* The answer to a complaint: ready texts at the cursor, by button or by /name, and which of the two ways to send is
   proposed. ES5. */
(function (doc) {
  'use strict';
  var box = doc.getElementById('text'), form = box && box.form;
  if (!box) { return; }

  function each(selector, act) { [].forEach.call(form.querySelectorAll(selector), act); }

  function changed() { box.dispatchEvent(new Event('input', { bubbles: true })); }

  /* `from` is where the typed /name begins; without one the cursor stays where it was */
  function insert(button, from) {
    var start = from === undefined ? box.selectionStart : from, end = box.selectionEnd, old = box.value, text = button.dataset.text;
    if (!(old.slice(0, start) + old.slice(end)).trim()) {
      text = box.dataset.greeting + '\n\n' + text + '\n\n' + box.dataset.closing;
      start = 0;
      end = old.length;
    } else if (start && !/\s$/.test(old.slice(0, start))) {
      text = '\n\n' + text;
    }
    box.focus();
    box.setSelectionRange(start, end);
    /* so that Ctrl+Z takes it back; where that is not known, by hand */
    if (!doc.execCommand || !doc.execCommand('insertText', false, text)) {
      box.value = old.slice(0, start) + text + old.slice(end);
      box.setSelectionRange(start + text.length, start + text.length);
      changed();
    }
    propose(button.dataset.final === 'ya');
  }

  function propose(final) {
    each('.send-on, .send-end', function (button) {
      button.classList.toggle('proposed', button.classList.contains('send-end') === final);
    });
  }

  function typed() {
    var found = /(?:^|\s)\/([a-z0-9-]{1,20})$/.exec(box.value.slice(0, box.selectionStart)), hits = [];
    if (!found) { return null; }
    each('[data-ready]', function (button) {
      if (button.dataset.ready === found[1]) { hits.unshift(button); } else if (button.dataset.ready.indexOf(found[1]) === 0) { hits.push(button); }
    });
    return hits.length ? { button: hits[0], from: box.selectionStart - found[1].length - 1 } : null;
  }

  form.addEventListener('click', function (event) {
    var button = event.target.closest('[data-ready]');
    if (button) {
      event.preventDefault();
      insert(button);
    }
  });

  box.addEventListener('keydown', function (event) {
    var hit = (event.key === 'Enter' || event.key === 'Tab') && !event.ctrlKey && !event.shiftKey && typed();
    if (hit) {
      event.preventDefault();
      insert(hit.button, hit.from);
    }
  });

  form.addEventListener('change', function (event) {
    if (event.target.id === 'outcome') { propose(!!event.target.value); }
  });
  propose(!!form.elements.outcome.value);

  // words typed before this script had come; htmx, which keeps them, is ready at the same moment
  doc.addEventListener('DOMContentLoaded', function () {
    [].forEach.call(doc.querySelectorAll('form[hx-post$="/draf"] textarea'), function (area) {
      if (area.value !== area.defaultValue) { area.dispatchEvent(new Event('input', { bubbles: true })); }
    });
  });
}(document));
