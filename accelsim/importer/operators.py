"""The operators of ONNX that can be imported, and what makes layers of each."""

from accelsim.importer import convolutions, hosted, pooling
from accelsim.importer.builder import Builder, Operator
from accelsim.importer.layers import Constants, Found, Row
from accelsim.importer.model import Node


def _concat(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Join maps, or constants."""
    found = [builder.read(node, number) for number in range(len(node.inputs))]
    join = hosted.joined if all(isinstance(each, Constants) for each in found) else pooling.concat
    return join(builder, node)


OPERATORS: dict[str, Operator] = {
    "Add": convolutions.add,
    "AveragePool": pooling.average_pool,
    "BatchNormalization": convolutions.batch_normalization,
    "Cast": hosted.cast,
    "Clip": convolutions.clip,
    "Concat": _concat,
    "Constant": hosted.constant,
    "Conv": convolutions.conv,
    "Div": convolutions.divide,
    "Dropout": hosted.dropout,
    "Flatten": hosted.flatten,
    "Gather": hosted.gather,
    "Gemm": hosted.gemm,
    "GlobalAveragePool": pooling.global_average_pool,
    "Identity": hosted.passed,
    "LeakyRelu": convolutions.leaky_relu,
    "LogSoftmax": hosted.end,
    "MatMul": hosted.matmul,
    "MaxPool": pooling.max_pool,
    "Mul": convolutions.multiply,
    "Pad": pooling.pad,
    "ReduceMean": pooling.reduce_mean,
    "Relu": convolutions.relu,
    "Reshape": hosted.reshape,
    "Shape": hosted.shape_of,
    "Softmax": hosted.end,
    "Squeeze": hosted.squeeze,
    "Sub": convolutions.subtract,
    "Sum": convolutions.add,
    "Unsqueeze": hosted.unsqueeze,
}
"""By name. Softmax and what else only ends a model is left out there."""

_ADVICE = {
    "it computes Relu alone; train the model with Relu instead": (
        "Celu Elu Erf Gelu HardSigmoid HardSwish Mish PRelu Selu Sigmoid Softplus Softsign Swish "
        "Tanh ThresholdedRelu"
    ),
    "it makes no map larger; leave the node out": "ConvTranspose Resize Upsample",
    "export the model in floating point, before it is quantized (effects.weight_bits rounds "
    "weights in a run)": (
        "ConvInteger DequantizeLinear DynamicQuantizeLinear MatMulInteger QLinearConv "
        "QLinearMatMul QuantizeLinear"
    ),
    "its factors follow from each image; train the model with BatchNormalization": (
        "GroupNormalization InstanceNormalization LRN LayerNormalization LpNormalization "
        "MeanVarianceNormalization"
    ),
    "export the model without control flow": "If Loop Scan",
    "maps have to stand before rows and columns throughout": "Transpose",
    "take GlobalAveragePool instead": "GlobalMaxPool",
}
ADVICE = {op: advice for advice, names in _ADVICE.items() for op in names.split()}
"""What could be done about an operator that there are no steps for."""
