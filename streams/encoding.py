"""How a stream is sent: what the encoder and the ingest server say when it starts."""

from dataclasses import dataclass
from decimal import Decimal

from streams.choices import AudioCodec, IngestProtocol, LatencyMode, VideoCodec


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One quality of the bit-rate ladder: height in pixels, bit rate in kbit/s."""

    height: int
    kbps: int


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """The settings of one stream. Bit rates are in kbit/s; the defaults are those of the public site's studio."""

    ingest_protocol: IngestProtocol = IngestProtocol.RTMPS
    ingest_server: str = "ingest.versbottomlex.me"
    region: str = "eu-central"
    encoder: str = ""
    video_codec: VideoCodec = VideoCodec.H264
    video_kbps: int = 6_000
    width: int = 1920
    height: int = 1080
    frames_per_second: Decimal = Decimal(30)
    keyframe_interval_ms: int = 2_000
    ladder: tuple[Rung, ...] = (
        Rung(height=1080, kbps=6_000),
        Rung(height=720, kbps=3_000),
        Rung(height=480, kbps=1_400),
    )
    audio_codec: AudioCodec = AudioCodec.AAC
    audio_kbps: int = 160
    audio_channels: int = 2
    latency_mode: LatencyMode = LatencyMode.LOW
    delay_seconds: int = 0
    dvr_window_seconds: int = 0
    is_recorded: bool = False


STUDIO = Encoding()
"""What the studio of the public site sends."""
