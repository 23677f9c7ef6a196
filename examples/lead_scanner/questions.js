// The exhibit's questions as a form: {code, label, type, options, required, show_if: {code, answer}}.

const optionOf = (option) => (typeof option === 'string' ? { code: option, label: option } : { label: option.code, ...option });

function element(name, properties = {}, ...inside) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...inside);
  return node;
}

function field(question) {
  const label = question.label || question.code;
  const options = (question.options ?? []).map(optionOf);
  if (question.type === 'multiple') {
    const boxes = options.map(({ code, label: words }) => element('label', {}, element('input', { type: 'checkbox', value: code }), words));
    return element('fieldset', {}, element('legend', { textContent: label }), ...boxes);
  }
  if (question.type === 'choice' || question.type === 'boolean') {
    const listed = question.type === 'boolean' ? [{ code: 'true', label: 'yes' }, { code: 'false', label: 'no' }] : options;
    const choices = [element('option', { value: '', textContent: '' }), ...listed.map((one) => element('option', { value: one.code, textContent: one.label }))];
    return element('label', {}, label, element('select', {}, ...choices));
  }
  return element('label', {}, label, element('input', question.type === 'number' ? { type: 'number', step: 'any' } : { type: 'text' }));
}

function answerOf(question, node) {
  if (question.type === 'multiple') {
    const chosen = [...node.querySelectorAll('input:checked')].map((box) => box.value);
    return chosen.length ? chosen : undefined;
  }
  const { value } = node.querySelector('input, select');
  if (value === '') return undefined;
  if (question.type === 'boolean') return value === 'true';
  return question.type === 'number' ? Number(value) : value;
}

/** Fills `place`; answers a function that reads `{code: answer}` of what is shown and filled in. */
export function showQuestions(place, questions) {
  const fields = new Map(questions.map((question) => [question, field(question)]));
  place.replaceChildren(...fields.values());
  const read = () => {
    const answers = {};
    for (const [question, node] of fields) {
      if (node.hidden) continue;
      const answer = answerOf(question, node);
      if (answer !== undefined) answers[question.code] = answer;
    }
    return answers;
  };
  const refresh = () => {
    const answers = read();
    for (const [question, node] of fields) {
      const { show_if: condition } = question;
      const given = condition && answers[condition.code];
      node.hidden = Boolean(condition) && !(Array.isArray(given) ? given.includes(condition.answer) : given === condition.answer);
      const input = node.querySelector('input:not([type=checkbox]), select');
      if (input) input.required = Boolean(question.required) && !node.hidden && Object.keys(answers).length > 0;
    }
  };
  place.oninput = refresh;
  refresh();
  return read;
}
