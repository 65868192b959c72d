#!/bin/sh
# Transformers: RecurrentGemma, a batch of sequences that are padded on the left, with attention_mask, and without a cache.
# Expected: each sequence's outputs are those that it has alone, as of Mamba, FalconMamba, Mamba2, Jamba and Lfm2, which
# set what is masked to zero before they convolve; to generate, batches are padded on the left. Seen: the convolution
# of its recurrent blocks takes the embeddings of the padding in, silently, so that the outputs of a sequence depend on
# which token it was padded with, in training, too; its attention does mask them. Padding on the right is harmless.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy==2.4.6 transformers==5.24.0
HF_HUB_OFFLINE=1 HF_HOME=$dir venv/bin/python -W ignore - 2>"$dir/log" <<'PY' || { cat "$dir/log"; exit 1; }
import inspect

import torch
import transformers

T, pad = 9, 4
small = {"vocab_size": 40, "hidden_size": 16, "num_hidden_layers": 2}
heads = {"num_attention_heads": 2, "num_key_value_heads": 2, "intermediate_size": 16}
jamba = {"num_hidden_layers": 4, "attn_layer_period": 4, "attn_layer_offset": 3, "mamba_d_state": 4}
gemma = {"num_hidden_layers": 3, "lru_width": 16, "attention_window_size": 64}
configs = {
    "Mamba": small | {"state_size": 4},
    "FalconMamba": small | {"state_size": 4},
    "Mamba2": small | {"state_size": 4, "num_heads": 4, "head_dim": 8, "n_groups": 1, "chunk_size": 4},
    "Jamba": small | heads | jamba | {"num_experts": 1, "num_experts_per_tok": 1},
    "Lfm2": small | heads | {"layer_types": ["conv", "full_attention"]},
    "RecurrentGemma": small | heads | gemma,
}


def padded(model, long, short, token, side):
    """The outputs of the shorter of two sequences in a batch, at its own steps."""
    filler = torch.full((1, pad), token)
    row = torch.cat([filler, short] if side == "left" else [short, filler], 1)
    own = slice(pad, T) if side == "left" else slice(0, T - pad)
    mask = torch.ones(2, T, dtype=torch.long)
    mask[1] = 0
    mask[1, own] = 1
    options = {"attention_mask": mask}
    if "position_ids" in inspect.signature(model.forward).parameters:
        options["position_ids"] = (mask.cumsum(1) - 1).clamp(min=0)
    return model(torch.cat([long, row]), use_cache=False, **options).last_hidden_state[1, own]


print(f"transformers {transformers.__version__}, torch {torch.__version__}: relative differences from the sequence alone")
same = True
for name, options in configs.items():
    torch.manual_seed(0)
    model = getattr(transformers, f"{name}Model")(getattr(transformers, f"{name}Config")(**options)).eval()
    for p in model.parameters():
        p.data += 0.2 * torch.randn_like(p)
    long, short = torch.randint(1, 40, (1, T)), torch.randint(1, 40, (1, T - pad))
    with torch.no_grad():
        alone = model(short, use_cache=False).last_hidden_state[0]
        errors = {}
        for side in ("left", "right"):
            for token in (0, 7):
                found = padded(model, long, short, token, side)
                errors[side, token] = (abs(found - alone).max() / abs(alone).max()).item()
    print(f"{name}:", ", ".join(f"{side}, with token {token} {e:.1e}" for (side, token), e in errors.items()))
    for (side, _), e in errors.items():
        same &= (e > 1e-2) if name == "RecurrentGemma" and side == "left" else e < 1e-4
print("For gradient checks: gradients with respect to an embedding that is masked should be zero; differences in a padded")
print("token say so at once, whatever the rest of the model does.")
raise SystemExit(0 if same else "changed")
PY
