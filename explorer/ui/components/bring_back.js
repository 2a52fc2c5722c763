import { make, thousands } from './elements.js';

const PAGE = crypto.getRandomValues(new Uint32Array(2)).join('-');
const DISK = `explorer/bring?page=${PAGE}&card=`;
const HUB = 'explorer/hub?repository=';

/** A model comes: from the visitor's disk, or from the Hugging Face Hub. What is wrong with it is said in one sentence. */
export function mount({ element, props, trigger }) {
  const chooser = make('input', { type: 'file', multiple: true, accept: '.zip,.safetensors,.json', hidden: true, onchange: send });
  const button = make('button', { type: 'button', class: 'ae-button', onclick: () => chooser.click() }, 'Bring it back');
  const said = make('p', { class: 'ae-caption', role: 'status' }, 'A model\u2019s zip from here, or the two files in it, chosen together: it joins your own models.');
  const field = make('input', { type: 'text', class: 'ae-field', required: true, maxlength: 96, placeholder: 'owner/name', 'aria-label': 'Repository on the Hugging Face Hub, owner/name', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false' });
  const puller = make('button', { class: 'ae-button' }, 'Pull from the Hub');
  const pulled = make('p', { class: 'ae-caption', role: 'status' }, 'A model from the Hugging Face Hub: owner/name of a public repository, pushed as is said below.');
  element.replaceChildren(make('div', { class: 'ae-bring-back' }, button, said, chooser,
    make('form', { class: 'ae-pull', onsubmit: pull }, field, puller), pulled));

  function send() {
    const files = [...chooser.files];
    chooser.value = '';
    return files.length && taken(button, said, () => delivered(...parcel(files)));
  }

  function pull(event) {
    event.preventDefault();
    return taken(puller, pulled, () => delivered(null, HUB + encodeURIComponent(field.value.trim())));
  }

  /** Shows how it goes while ``bring`` works, which answers the model's id. */
  async function taken(pressed, words, bring) {
    pressed.disabled = true;
    words.textContent = 'On its way \u2026';
    try {
      props.value = { id: await bring() };
      words.textContent = 'It is here, it was checked, and it is open now.';
      trigger('input');
    } catch (error) {
      words.textContent = `${error.message}.`;
    }
    pressed.disabled = false;
  }

  /** What is sent, and where: the address says how many bytes of it are the card. */
  function parcel(files) {
    const [card, weights] = ['.json', '.safetensors'].map((ending) => files.find(({ name }) => name.endsWith(ending)));
    const isPair = files.length === 2 && card && weights;
    if (!isPair && files.length !== 1) throw new Error('Choose one zip, or one .safetensors and its .json together');
    const size = files.reduce((sum, file) => sum + file.size, 0);
    if (size > props.most) throw new Error(`${files[0].name} has ${thousands(size)} bytes, the limit is ${thousands(props.most)}`);
    return isPair ? [new Blob([card, weights]), DISK + card.size] : [files[0], `${DISK}0`];
  }
}

async function delivered(body, address) {
  const answer = await fetch(address, { method: 'POST', body }).catch(() => {
    throw new Error('The server did not answer: try again');
  });
  const words = await answer.text();
  if (!answer.ok) throw new Error(words);
  return words;
}
