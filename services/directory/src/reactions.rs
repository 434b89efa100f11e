//! Bus event → command. The directory follows nobody: what it knows, operators tell it.

use bus::Envelope;
use host::{Fault, Unit};

/// Nothing that others do changes an agency.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the same room, with the same door, as in every service"
)]
pub(crate) fn react(_event: &Envelope, _unit: &mut Unit) -> Result<(), Fault> {
    Ok(())
}
