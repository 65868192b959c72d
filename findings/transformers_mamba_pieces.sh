#!/bin/sh
# Transformers: MambaModel, FalconMambaModel and Jamba's Mamba layers, continued from their cache with several tokens.
# Expected: the outputs of the whole sequence, as with one token at a time, and as Mamba2Model and RwkvModel give for
# both; with a cache, "the model uses the previous state in all the blocks". Seen: in a piece of two tokens or more the
# scan begins with a state of zeros, whatever the cache holds, silently, while the convolution goes on from the cache;
# the state that is returned is that of the piece alone. For Mamba2 this was mended (pull request 46084); these three
# have it still.
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

T = 12
ids = torch.randint(0, 40, (2, T), generator=torch.Generator().manual_seed(0))
small = {"vocab_size": 40, "hidden_size": 16, "num_hidden_layers": 2}
heads = {"num_attention_heads": 2, "num_key_value_heads": 2, "intermediate_size": 16}
jamba = {"attn_layer_period": 4, "attn_layer_offset": 3, "num_experts": 1, "num_experts_per_tok": 1}
jamba |= {"mamba_d_state": 4, "num_hidden_layers": 4}
mamba2 = {"state_size": 4, "num_heads": 4, "head_dim": 8, "n_groups": 1, "chunk_size": 4}
configs = {
    "Mamba": small | {"state_size": 4},
    "FalconMamba": small | {"state_size": 4},
    "Jamba": small | heads | jamba,
    "Mamba2": small | mamba2,
}


def pieces(model, lengths, forget=False):
    cache, found, t = None, [], 0
    for length in lengths:
        name = "cache_params" if "Mamba" in type(model).__name__ else "cache"
        out = model(ids[:, t : t + length], use_cache=True, **({} if cache is None else {"cache": cache}))
        cache = getattr(out, name)
        for layer in cache.layers if forget else []:
            for state in getattr(layer, "recurrent_states", {}).values():
                state.zero_()
        found.append(out.last_hidden_state)
        t += length
    return torch.cat(found, 1)


def off(a, b):
    return ((a - b).abs().max() / b.abs().max()).item()


print(f"transformers {transformers.__version__}, torch {torch.__version__}: relative error of outputs, {T} tokens")
same = True
with torch.no_grad():
    for name, options in configs.items():
        torch.manual_seed(0)
        model = getattr(transformers, f"{name}Model")(getattr(transformers, f"{name}Config")(**options)).eval()
        for p in model.parameters():
            p.data += 0.2 * torch.randn_like(p)
        whole = model(ids, use_cache=False).last_hidden_state
        errors = {}
        for lengths in ([1] * T, [6] + [1] * 6, [6, 6], [5, 2, 5]):
            errors[str(lengths)] = off(pieces(model, lengths), whole)
        forgotten = off(pieces(model, [6, 6], forget=True), pieces(model, [6, 6]))
        print(f"{name}, in pieces:", ", ".join(f"{k} {v:.1e}" for k, v in errors.items()), end="; ")
        print(f"[6, 6] with states of zeros put in between: a change of {forgotten:.1e}")
        wrong = name != "Mamba2"
        for lengths, error in errors.items():
            same &= (error > 1e-2) if wrong and lengths in ("[6, 6]", "[5, 2, 5]") else error < 1e-4
        same &= (forgotten == 0) == wrong
print("For gradient checks: truncated backpropagation through time goes over a sequence in pieces like these. Compare the")
print("outputs of the pieces with those of the whole first: gradients agree with differences of either.")
raise SystemExit(0 if same else "changed")
PY
