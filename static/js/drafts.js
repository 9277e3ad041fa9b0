/* What is typed into a form of the office is kept on the server while it is typed, and stands in the form again when it
   is opened: after a reload, in another tab, after an error. A form that is kept names itself in a field `draft`. ES5. */
(function (win, doc) {
  'use strict';
  var WAIT = 700, OWN = /^(draft|csrf_token|version|claim_token|submission_id|act|confirm|other|to)$/, URL = '/petugas/draf';

  function each(list, act) { [].forEach.call(list, act); }

  function words(form) {
    var data = new FormData(form), kept = new URLSearchParams();
    data.forEach(function (value, name) { if (typeof value === 'string') { kept.append(name, value); } });
    return kept;
  }

  /* one at a time: of two that are under way at once, the older words could be written last */
  function keep(form) {
    var request = new XMLHttpRequest();
    clearTimeout(form.keeping);
    form.keeping = null;
    if (form.asking) { form.again = true; return; }
    form.asking = request;
    request.onloadend = function () {
      form.asking = null;
      if (form.again) { form.again = false; keep(form); }
    };
    request.open('POST', URL);
    request.timeout = 20000;
    request.setRequestHeader('HX-Request', 'true');
    request.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded');
    request.send(words(form).toString());
  }

  /* only what nobody has filled in on this page */
  function put(field, values) {
    var ticks = field.type === 'checkbox' || field.type === 'radio';
    if (OWN.test(field.name) || field.type === 'file' || field.type === 'hidden' || !values) { return false; }
    if (ticks) {
      if (values.indexOf(field.value) < 0 || field.checked) { return false; }
      field.checked = true;
      return true;
    }
    if (field.value !== field.defaultValue && field.tagName !== 'SELECT' || field.value === values[0]) { return false; }
    field.value = values[0];
    return true;
  }

  function restore(form, kept) {
    var some = false, place = form.closest('details');
    each(form.elements, function (field) { some = put(field, kept[field.name]) || some; });
    if (!some) { return; }
    if (place && !place.hasAttribute('data-over')) { place.open = true; }
    form.dispatchEvent(new Event('change', { bubbles: true }));
  }

  function open(form) {
    var request = new XMLHttpRequest(), early = isTyped(form);
    request.open('GET', URL + '?draft=' + encodeURIComponent(form.elements.draft.value));
    request.setRequestHeader('HX-Request', 'true');
    request.onload = function () {
      if (request.status === 200) { restore(form, JSON.parse(request.responseText)); }
      if (early) { keep(form); }  // not before, or what is kept of other fields would go
    };
    request.send();
  }

  function later(event) {
    var form = event.target.form;
    if (!form || !form.elements.draft || !event.isTrusted) { return; }
    clearTimeout(form.keeping);
    form.keeping = setTimeout(keep, WAIT, form);
  }

  /* words typed before this script had come */
  function isTyped(form) {
    return [].some.call(form.elements, function (field) {
      if (OWN.test(field.name) || !/^(text|tel|textarea|radio|checkbox)$/.test(field.type)) { return false; }
      return field.checked !== field.defaultChecked || field.value !== field.defaultValue;
    });
  }

  doc.addEventListener('input', later);
  doc.addEventListener('change', later);
  doc.addEventListener('submit', function (event) { clearTimeout(event.target.keeping); event.target.keeping = null; });
  win.addEventListener('pagehide', function () {
    each(doc.querySelectorAll('input[name=draft]'), function (field) {
      var form = field.form, asking = form.asking;
      if (!form.keeping && !asking) { return; }
      form.again = false;
      if (asking) { asking.abort(); }
      navigator.sendBeacon(URL, words(form));
    });
  });
  if (!doc.querySelector('.error-summary')) {
    each(doc.querySelectorAll('input[name=draft]'), function (field) { open(field.form); });
  }
}(window, document));
