"""The model as MLServer serves it: log-odds alone, or with contributions where PEER_EXPLAIN is set."""

from __future__ import annotations

import os

from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Runtime(MLModel):
    """One tensor of features in, one tensor out."""

    async def load(self) -> bool:
        """Read the booster."""
        from booster import explained, predicted

        self._answer = explained if os.environ.get("PEER_EXPLAIN") else predicted
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Answer every row of the tensor."""
        rows = NumpyCodec.decode_input(payload.inputs[0])
        out = NumpyCodec.encode_output("y", self._answer(rows))
        return InferenceResponse(model_name=self.name, outputs=[out])
