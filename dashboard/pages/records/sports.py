"""What a sport is called: in our words where we know it, else as its provider spells it, made readable."""

import re
from collections.abc import Mapping

from dashboard.web.language import N_
from dashboard.web.language import gettext as _

SPORTS: Mapping[str, tuple[str, ...]] = {
    N_("Running"): ("run", "running", "road running", "street running", "track running", "outdoor run"),
    N_("Running indoors"): ("treadmill", "treadmill running", "indoor running", "virtual run", "virtual running"),
    N_("Trail running"): ("trail run", "trail running"),
    N_("Walking"): ("walk", "walking", "casual walking", "speed walking"),
    N_("Nordic walking"): ("nordic walking",),
    N_("Hiking"): ("hike", "hiking"),
    N_("Cycling"): ("ride", "bike", "cycling", "biking", "road biking", "road cycling", "outdoor bike", "gravel ride",
                    "gravel cycling", "bicycling"),
    N_("Cycling indoors"): ("indoor cycling", "virtual ride", "spinning", "spin", "stationary bike",
                            "biking stationary", "bikeerg"),
    N_("Mountain biking"): ("mountain bike ride", "mountain biking", "biking mountain"),
    N_("E-biking"): ("ebike ride", "emountain bike ride", "e biking", "e bike", "electric bike"),
    N_("Swimming"): ("swim", "swimming", "lap swimming", "pool swimming", "swimming pool"),
    N_("Open water swimming"): ("open water swimming", "swimming open water"),
    N_("Rowing"): ("row", "rowing"),
    N_("Rowing machine"): ("rower", "indoor rowing", "rowing machine", "virtual row", "slides", "dynamic"),
    N_("Canoeing"): ("canoe", "canoeing", "kayak", "kayaking", "paddling"),
    N_("Stand-up paddling"): ("stand up paddling", "stand up paddleboarding", "paddleboarding"),
    N_("Sailing"): ("sail", "sailing"),
    N_("Strength training"): ("strength", "strength training", "weight training", "weightlifting", "weights",
                              "weight lifting", "functional strength training", "traditional strength training"),
    N_("Interval training"): ("hiit", "interval workout", "interval training", "high intensity interval training"),
    N_("Circuit training"): ("circuit training",),
    N_("Cross trainer"): ("elliptical", "elliptical trainer", "cross trainer"),
    N_("Stair climbing"): ("stair stepper", "stair climbing", "stair climber", "stairmaster"),
    N_("Rope skipping"): ("jump rope", "jumping rope", "rope jumping", "jump roping"),
    N_("Stretching"): ("stretching", "mobility", "flexibility"),
    N_("Dancing"): ("dance", "dancing"),
    N_("Boxing"): ("boxing",),
    N_("Martial arts"): ("martial arts",),
    N_("Climbing"): ("climb", "climbing", "rock climbing", "indoor climbing", "bouldering"),
    N_("Skiing"): ("ski", "skiing", "alpine ski", "alpine skiing", "downhill skiing", "resort skiing"),
    N_("Cross-country skiing"): ("nordic ski", "cross country skiing", "xc skiing"),
    N_("Ski touring"): ("backcountry ski", "backcountry skiing", "ski touring"),
    N_("Snowboarding"): ("snowboard", "snowboarding"),
    N_("Ice skating"): ("ice skate", "ice skating", "skating"),
    N_("Inline skating"): ("inline skate", "inline skating", "roller skating"),
    N_("Horse riding"): ("horseback riding", "horse riding", "equestrian"),
    N_("Soccer"): ("soccer",),
    N_("Table tennis"): ("table tennis",),
    N_("Workout"): ("workout", "exercise", "generic", "other", "other workout", "other activity", "training"),
}  # fmt: skip
"""The common ones of the providers, each with what they call it, as :func:`_plain` leaves it."""
_OURS = {theirs: ours for ours, names in SPORTS.items() for theirs in names}
_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])|[\s_-]+")


def sport(name: str) -> str:
    """A sport as a provider spells it (``WeightTraining``, ``LAP_SWIMMING``, ``rower``), as people read it."""
    plain = _plain(name)
    return _(_OURS[plain]) if plain in _OURS else plain[:1].upper() + plain[1:]


def _plain(name: str) -> str:
    """The words of a name, in small letters."""
    return " ".join(_WORD.split(name)).strip().lower()
