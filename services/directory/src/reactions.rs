//! Bus event → command. The directory follows nobody: what it knows, operators tell it.

use bus::Envelope;
use host::{Fault, Unit};

/// Nothing that others do changes an agency.
pub(crate) fn react(_event: &Envelope, _unit: &mut Unit) -> Result<(), Fault> {
    Ok(())
}
