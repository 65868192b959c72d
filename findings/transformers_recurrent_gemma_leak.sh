#!/bin/sh
# Transformers: RecurrentGemma, which keeps the states of its recurrent blocks in the model, not in the cache it is given.
# Expected: a sequence that begins with a new cache begins from nothing, so that model.generate of the same prompt without
# sampling gives the same scores each time, those of use_cache=False. Seen: so it is for prompts of two tokens and more;
# from a single token, as where one begins with <bos> alone, the convolution goes on from the last tokens of
# whatever sequence was run before, silently. A call with a new DynamicCache does the same.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy==2.4.6 transformers==5.24.0
HF_HUB_OFFLINE=1 HF_HOME=$dir venv/bin/python -W ignore - 2>"$dir/log" <<'PY' || { cat "$dir/log"; exit 1; }
import torch
import transformers

config = transformers.RecurrentGemmaConfig(
    vocab_size=40,
    hidden_size=16,
    lru_width=16,
    intermediate_size=32,
    num_hidden_layers=3,
    num_attention_heads=2,
    attention_window_size=64,
)
torch.manual_seed(0)
model = transformers.RecurrentGemmaForCausalLM(config).eval()
for p in model.parameters():
    p.data += 0.3 * torch.randn_like(p)
other = torch.randint(0, 40, (1, 8))


def scores(prompt, **options):
    """Of five tokens, greedily: the largest logit each time."""
    options |= {"max_new_tokens": 5, "do_sample": False, "eos_token_id": None, "pad_token_id": 0}
    out = model.generate(prompt, output_scores=True, return_dict_in_generate=True, **options)
    return torch.stack(out.scores)[:, 0]


print(f"transformers {transformers.__version__}, torch {torch.__version__}: difference from the scores with use_cache=False")
same = True
for prompt in ([[2]], [[2, 5]]):
    prompt = torch.tensor(prompt)
    true = scores(prompt, use_cache=False)
    for name in ("first call", "second call", "third call, after another prompt"):
        if name.startswith("third"):
            scores(other)
        off = abs(scores(prompt) - true).max().item()
        print(f"generate from {prompt.shape[1]} token(s), {name}: {off:.1e}")
        same &= (off > 1e-2) == (prompt.shape[1] == 1 and name != "first call") and (off > 1e-2 or off < 1e-5)
with torch.no_grad():
    token = torch.tensor([[2]])
    true = model(token, use_cache=False).logits
    for name in ("after nothing", "after another sequence"):
        if name == "after another sequence":
            model(other, use_cache=True)
        off = abs(model(token, use_cache=True, cache=transformers.DynamicCache(config=config)).logits - true).max().item()
        print(f"a call with a new cache, {name}: {off:.1e}")
        same &= (off > 1e-2) == (name == "after another sequence")
print("For gradient checks: a function that remembers its last call has no derivative; call it twice at the same point")
print("first, after another point, with sequences as short as one step.")
raise SystemExit(0 if same else "changed")
PY
