"""Pictures of a film -> what is compared, and what is kept."""

from typing import TYPE_CHECKING

import numpy as np

from stages.scenes import HEIGHT, WIDTH, Grey

if TYPE_CHECKING:
    from av import VideoFrame

MOST_WIDTH, MOST_HEIGHT = 1600, 1600
"""Points; larger pictures are kept smaller."""
QUALITY = 4
"""Of a JPEG, 1 (best) to 31: letters stay sharp, and a slide takes about 100 kB."""
LAMBDA = 118
"""What FFmpeg multiplies a quality with. Source: libavutil/avutil.h, FF_QP2LAMBDA."""


def grey(frame: "VideoFrame") -> Grey:
    """Return a picture as `Scenes` looks at it. Shape (HEIGHT, WIDTH)."""
    return np.ascontiguousarray(frame.reformat(WIDTH, HEIGHT, format="gray").to_ndarray(), np.uint8)


def jpeg(frame: "VideoFrame") -> bytes:
    """Return a picture as JPEG, with even sides."""
    from av import CodecContext
    from av.video.codeccontext import VideoCodecContext

    scale = min(1.0, MOST_WIDTH / frame.width, MOST_HEIGHT / frame.height)
    width, height = (max(2, round(side * scale) // 2 * 2) for side in (frame.width, frame.height))
    picture = frame.reformat(width, height, format="yuvj420p")
    picture.pts = 0
    encoder = CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
    encoder.framerate = 1  # type: ignore[assignment]  # FFmpeg wants one, though there is one picture only
    encoder.options = {"flags": "+qscale", "global_quality": str(QUALITY * LAMBDA)}
    return b"".join(bytes(packet) for packet in (*encoder.encode(picture), *encoder.encode(None)))
