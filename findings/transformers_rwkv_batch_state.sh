#!/bin/sh
# Transformers: RwkvModel continued from its state with one token at a time, in a batch.
# Expected: the outputs of the whole sequence, (B, 1, hidden) a step, as with B = 1 and as a continuation with
# several tokens gives; with a state, "the model uses the previous state in all the blocks". Seen: for B > 1
# each sequence is mixed with the last tokens of all the others: the output is (B, B, hidden), its last entry, which
# generation reads, is wrong, and so are the states that are returned, silently.
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

T, n, cut = 8, 16, 5
torch.manual_seed(0)
config = transformers.RwkvConfig(vocab_size=40, hidden_size=n, attention_hidden_size=n, num_hidden_layers=2)
model = transformers.RwkvModel(config).eval()
for p in model.parameters():
    p.data += 0.3 * torch.randn_like(p)


def continued(ids, pieces):
    """The outputs of the pieces after the first `cut` tokens, each from the state of the one before."""
    state = model(ids[:, :cut], use_cache=True).state
    found, t = [], cut
    for length in pieces:
        out = model(ids[:, t : t + length], state=state, use_cache=True)
        found.append(out.last_hidden_state)
        state, t = out.state, t + length
    return found


print(f"transformers {transformers.__version__}, torch {torch.__version__}: {cut} tokens, then {T - cut} from the state")
same = True
with torch.no_grad():
    for B in (1, 2, 3):
        ids = torch.randint(0, 40, (B, T))
        whole = model(ids).last_hidden_state[:, cut:]
        several = torch.cat(continued(ids, [3]), 1)
        single = continued(ids, [1, 1, 1])
        off = [(several - whole).abs().max().item()]
        off += [(torch.stack([y[:, -1] for y in single], 1) - whole).abs().max().item()]
        shapes = {tuple(y.shape) for y in single}
        print(f"B = {B}: at once {off[0]:.1e} off the whole sequence; one by one {off[1]:.1e}, shapes {shapes}")
        same &= off[0] < 1e-5 and (off[1] < 1e-5) == (B == 1) and shapes == {(B, B, n)}
print("For gradient checks: compare a sequence in pieces of one step, of several, and whole, with two samples or more,")
print("before truncated backpropagation through pieces is checked; gradients are those of the wrong outputs.")
raise SystemExit(0 if same else "changed")
PY
