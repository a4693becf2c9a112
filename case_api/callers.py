"""Who calls the case API: a service with its token, and for whom of the staff it speaks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from urllib.parse import unquote

from fastapi import Depends, Header, Path, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from case_api import words
from case_api.security import same_token
from knowledge_base.audit import Actor
from nlu.text import case_code
from nlu.text.errors import BadRequest, MistypedCode, Unauthorised

ACTOR = "X-Staff-Actor"
ADDRESS = "X-Staff-Address"
LONGEST = 64
# auto_error: a missing token and a wrong one are told alike, in our words.
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]
NO_STORE = {"Cache-Control": "no-store"}


def read_code(code: Annotated[str, Path(max_length=60)]) -> str:
    """A case code in any spelling; one that is mistyped is told so."""
    try:
        return case_code.parse(code)
    except MistypedCode as error:
        raise MistypedCode(error.detail, hint=words.CODE_HINT) from error


Code = Annotated[str, Depends(read_code)]


def checked(token: str) -> Callable[[Request, Credentials], None]:
    """A dependency that lets only those in who have the service's token."""

    def check(request: Request, given: Credentials) -> None:
        if not same_token(given.credentials.strip() if given else "", token):
            raise Unauthorised(words.NO_TOKEN)
        request.state.caller = "service"

    return check


def private(response: Response) -> None:
    """Nothing of this API may lie in a cache."""
    response.headers.update(NO_STORE)


def acting(
    actor: Annotated[str | None, Header(alias=ACTOR)] = None,
    address: Annotated[str, Header(alias=ADDRESS)] = "",
) -> Actor | None:
    """The member of staff for whom the console calls; None for a program that names nobody.

    Believed because only who has the service's token gets here.
    """
    if actor is None:
        return None
    return Actor(_plain(actor, least=1), _plain(address))


Acting = Annotated[Actor | None, Depends(acting)]


def needed_actor(actor: Acting) -> Actor:
    """For acts that nobody may do namelessly."""
    if actor is None:
        raise BadRequest(words.ACTOR_MISSING)
    return actor


Named = Annotated[Actor, Depends(needed_actor)]


def _plain(value: str, *, least: int = 0) -> str:
    # Percent-encoded: headers are Latin-1, names are not.
    text = unquote(value).strip()
    if not (least <= len(text) <= LONGEST and (text.isprintable() or not text)):
        raise BadRequest(words.ACTOR_BAD)
    return text
