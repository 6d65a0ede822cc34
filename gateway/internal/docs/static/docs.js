// Renders /openapi.json. Every word from the document is set as text, never as HTML.
'use strict';

const el = (name, props = {}, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(props)) node[key] = value;
  node.append(...children.filter((child) => child != null));
  return node;
};

const resolve = (doc, thing) => {
  while (thing && thing.$ref) thing = thing.$ref.slice(2).split('/').reduce((at, key) => at[key], doc);
  return thing || {};
};

const shortName = (ref) => ref.split('/').pop().replace(/^throughtrain\.\w+\.v\d+\./, '');

const typeOf = (doc, schema) => {
  if (!schema) return '';
  if (schema.$ref) return shortName(schema.$ref);
  if (schema.allOf && schema.allOf.length === 1) return typeOf(doc, schema.allOf[0]);
  if (schema.type === 'array') return `[${typeOf(doc, schema.items)}]`;
  const type = Array.isArray(schema.type) ? schema.type.filter((t) => t !== 'null').join(' | ') : schema.type || 'object';
  return schema.format ? `${type} (${schema.format})` : type;
};

const limitsOf = (schema) => {
  const limits = [];
  if (schema.enum) limits.push(schema.enum.filter((v) => !String(v).endsWith('UNSPECIFIED')).join(' | '));
  if (schema.minLength) limits.push(`≥ ${schema.minLength} 字`);
  if (schema.maxLength) limits.push(`≤ ${schema.maxLength} 字`);
  if (schema.minimum != null) limits.push(`≥ ${schema.minimum}`);
  if (schema.maximum != null) limits.push(`≤ ${schema.maximum}`);
  if (schema.pattern) limits.push(schema.pattern);
  return limits.join(' · ');
};

const refOf = (schema) => schema.$ref || (schema.items && schema.items.$ref) || (schema.allOf && schema.allOf[0] && schema.allOf[0].$ref);

// fields makes a table of an object's properties; nested objects open in place, each type once on a way down.
const fields = (doc, schema, seen = []) => {
  const body = el('tbody');
  const required = new Set(schema.required || []);
  for (const [name, raw] of Object.entries(schema.properties || {})) {
    const property = { ...resolve(doc, raw), ...raw };
    const text = el('td', {}, el('div', { textContent: property.description || '' }));
    const limits = limitsOf(raw.$ref ? resolve(doc, raw) : raw);
    if (limits) text.append(el('div', { className: 'type', textContent: limits }));
    const ref = refOf(raw);
    const inner = ref && resolve(doc, { $ref: ref });
    if (inner && inner.properties && !seen.includes(ref)) {
      const more = el('details', {}, el('summary', { textContent: shortName(ref) }));
      more.addEventListener('toggle', () => {
        if (more.open && more.children.length === 1) more.append(fields(doc, inner, [...seen, ref]));
      });
      text.append(more);
    }
    body.append(el('tr', {}, el('td', {}, el('code', { textContent: name }), required.has(name) ? el('span', { className: 'need', textContent: '必填' }) : null),
      el('td', { className: 'type', textContent: typeOf(doc, raw) }), text));
  }
  return el('div', { className: 'scroll' }, el('table', {}, body));
};

// example makes a body from the required fields, or all when none is.
const example = (doc, schema) => {
  const body = {};
  const names = schema.required && schema.required.length ? schema.required : Object.keys(schema.properties || {}).filter((n) => n !== 'requestId' && n !== 'etag');
  for (const name of names.slice(0, 6)) {
    const property = resolve(doc, schema.properties[name]);
    const values = (property.enum || []).filter((v) => !String(v).endsWith('UNSPECIFIED'));
    body[name] = values.length ? values[0] : property.type === 'boolean' ? true : property.type === 'integer' ? 1 : property.type === 'array' ? [] : property.type === 'object' ? {} : '…';
  }
  return body;
};

const call = (path, method, operation, body) => {
  const url = path.replace(/\{city\}/g, '410900').replace(/\{(\w+)\}/g, (_, name) => `$${name.toUpperCase()}`);
  const open = operation.security && operation.security.length === 0;
  const lines = [`curl -sS "$BASE${url}"`];
  if (!open) lines.push('-H "Authorization: Bearer $TOKEN"');
  if (method === 'post') {
    if ((operation.parameters || []).some((p) => (p.$ref || '').endsWith('IdempotencyKey'))) lines.push('-H "Idempotency-Key: $(uuidgen)"');
    lines.push(`-d '${JSON.stringify(body)}'`);
  }
  return lines.join(' \\\n  ');
};

const operationCard = (doc, path, method, operation) => {
  const card = el('article', { id: operation.operationId });
  card.append(el('h3', {}, el('span', { className: `verb ${method}`, textContent: method.toUpperCase() }), el('code', { textContent: path })));
  card.append(el('p', { className: 'words', textContent: [operation.summary, operation.description].filter(Boolean).join('\n').replaceAll('**', '') }));
  const parameters = (operation.parameters || []).map((p) => resolve(doc, p));
  if (parameters.length) {
    const body = el('tbody');
    for (const p of parameters) {
      body.append(el('tr', {}, el('td', {}, el('code', { textContent: p.name }), p.required ? el('span', { className: 'need', textContent: '必填' }) : null),
        el('td', { className: 'type', textContent: p.in }),
        el('td', {}, el('div', { textContent: p.description || '' }), el('div', { className: 'type', textContent: limitsOf(p.schema || {}) }))));
    }
    card.append(el('h4', { textContent: '参数 Parameters' }), el('div', { className: 'scroll' }, el('table', {}, body)));
  }
  const content = resolve(doc, operation.requestBody || {}).content;
  const bodySchema = content && resolve(doc, content['application/json'].schema);
  if (bodySchema && bodySchema.properties) card.append(el('h4', { textContent: '请求体 Body' }), fields(doc, bodySchema));
  const ok = (operation.responses || {})['200'];
  const reply = ok && ok.content && ok.content['application/json'].schema;
  if (reply) {
    const more = el('details', {}, el('summary', { textContent: `200 · ${typeOf(doc, reply)}` }));
    more.addEventListener('toggle', () => {
      if (more.open && more.children.length === 1) more.append(fields(doc, resolve(doc, reply), [reply.$ref]));
    });
    card.append(el('h4', { textContent: '返回 Answer' }), more);
  }
  card.append(el('h4', { textContent: 'curl' }), el('pre', { className: 'call', tabIndex: 0, textContent: call(path, method, operation, bodySchema ? example(doc, bodySchema) : {}) }));
  return card;
};

const order = ['SessionService', 'DemoService', 'TicketService', 'BoardService', 'EnterpriseService', 'PersonService', 'BindingService', 'CityService'];

const render = (doc) => {
  const main = document.getElementById('main');
  const nav = document.getElementById('nav');
  main.replaceChildren();
  const tags = [...doc.tags].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  for (const tag of tags) {
    const section = el('section', { className: 'tag' }, el('h2', { textContent: tag.name.replace(/Service$/, '') }), el('pre', { className: 'words', textContent: tag.description || '', tabIndex: 0 }));
    nav.append(el('h2', { textContent: tag.name.replace(/Service$/, '') }));
    for (const [path, methods] of Object.entries(doc.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        if (!operation.tags || !operation.tags.includes(tag.name)) continue;
        section.append(operationCard(doc, path, method, operation));
        nav.append(el('a', { href: `#${operation.operationId}`, textContent: operation.operationId.split('_').pop(), title: path }));
      }
    }
    main.append(section);
  }
  document.getElementById('find').addEventListener('input', (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const card of main.querySelectorAll('article')) {
      const hit = words.every((word) => card.textContent.toLowerCase().includes(word));
      card.hidden = !hit;
      const link = nav.querySelector(`a[href="#${card.id}"]`);
      if (link) link.hidden = !hit;
    }
    for (const section of main.querySelectorAll('section.tag')) section.hidden = !section.querySelector('article:not([hidden])');
  });
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
};

fetch('/openapi.json').then((r) => r.json()).then(render).catch(() => {
  document.getElementById('main').replaceChildren(el('p', { textContent: '接口定义载入失败，请刷新重试。Could not load the definition. Refresh to try again.' }));
});
