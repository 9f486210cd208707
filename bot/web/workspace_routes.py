"""The routes of the workspace: the queue, conversations, quick phrases, the guard, policies, and the WebSocket."""

from __future__ import annotations

from bot.domain.account import Right
from bot.web import conversation_api, decision_api, live, phrase_api, workspace_api
from bot.web.authorisation import Needs
from bot.web.bodies import ReactionBody
from bot.web.route_table import BASE, SHOP, ApiRoute
from bot.web.workspace_bodies import (
    AsideBody,
    DraftBody,
    GuardBody,
    HandOverBody,
    NoteBody,
    PhraseBody,
    PolicyBody,
    PresenceBody,
    TagsBody,
)

CONVERSATION = f"{SHOP}/conversations/{{conversation}}"
READ, ANSWER = Right.READ, Right.ANSWER

WORKSPACE_ROUTES = (
    ApiRoute("GET", f"{BASE}/live", live.live, answers=(101,), needs=Needs.SIGNED_IN),
    ApiRoute("GET", f"{BASE}/queue", workspace_api.get_queue, returns="Queue", needs=Needs.SIGNED_IN),
    ApiRoute("GET", f"{BASE}/search", workspace_api.search, returns="FoundMessages", needs=Needs.SIGNED_IN),
    ApiRoute(
        "PUT",
        f"{BASE}/presence",
        workspace_api.put_presence,
        PresenceBody,
        answers=(204,),
        needs=Needs.SIGNED_IN,
    ),
    ApiRoute("GET", CONVERSATION, conversation_api.get_conversation, returns="WholeConversation", needs=READ),
    ApiRoute(
        "GET", f"{CONVERSATION}/messages", conversation_api.list_messages, returns="Messages", needs=READ
    ),
    ApiRoute(
        "GET", f"{CONVERSATION}/decisions", decision_api.list_decisions, returns="Decisions", needs=READ
    ),
    ApiRoute(
        "GET", f"{CONVERSATION}/hand-overs", decision_api.list_hand_overs, returns="HandOvers", needs=READ
    ),
    ApiRoute("POST", f"{CONVERSATION}/resume", decision_api.resume, None, "Conversation", needs=ANSWER),
    ApiRoute("POST", f"{CONVERSATION}/take", conversation_api.take, None, "Conversation", (200, 409), ANSWER),
    ApiRoute("POST", f"{CONVERSATION}/close", conversation_api.close, None, "Conversation", needs=ANSWER),
    ApiRoute(
        "POST", f"{CONVERSATION}/reopen", conversation_api.reopen, None, "Conversation", (200, 409), ANSWER
    ),
    ApiRoute("POST", f"{CONVERSATION}/read", conversation_api.mark_read, None, "Conversation", needs=ANSWER),
    ApiRoute(
        "POST",
        f"{CONVERSATION}/hand-over",
        conversation_api.hand_over,
        HandOverBody,
        "Conversation",
        needs=ANSWER,
    ),
    ApiRoute(
        "POST", f"{CONVERSATION}/aside", conversation_api.put_aside, AsideBody, "Conversation", needs=ANSWER
    ),
    ApiRoute("POST", f"{CONVERSATION}/notes", conversation_api.add_note, NoteBody, "Note", (201,), ANSWER),
    ApiRoute("PUT", f"{CONVERSATION}/tags", conversation_api.put_tags, TagsBody, "Buyer", needs=ANSWER),
    ApiRoute(
        "PUT", f"{CONVERSATION}/draft", conversation_api.put_draft, DraftBody, answers=(204,), needs=ANSWER
    ),
    ApiRoute("POST", f"{CONVERSATION}/images", conversation_api.put_image, None, "NewImage", (201,), ANSWER),
    ApiRoute(
        "GET",
        f"{CONVERSATION}/suggestions",
        conversation_api.get_suggestions,
        returns="Suggestions",
        needs=ANSWER,
    ),
    ApiRoute(
        "POST",
        f"{CONVERSATION}/suggestions/{{suggestion}}/reaction",
        conversation_api.react_in_conversation,
        ReactionBody,
        answers=(204,),
        needs=ANSWER,
    ),
    ApiRoute("GET", f"{SHOP}/images/{{image}}", conversation_api.get_image, returns="Image", needs=READ),
    ApiRoute("GET", f"{SHOP}/phrases", phrase_api.find_phrases, returns="QuickPhrases", needs=ANSWER),
    ApiRoute("GET", f"{SHOP}/phrases/own", phrase_api.list_own_phrases, returns="OwnPhrases", needs=ANSWER),
    ApiRoute(
        "PUT",
        f"{SHOP}/phrases/{{phrase}}",
        phrase_api.put_phrase,
        PhraseBody,
        "OwnPhrase",
        (200, 409),
        ANSWER,
    ),
    ApiRoute("DELETE", f"{SHOP}/phrases/{{phrase}}", phrase_api.delete_phrase, answers=(204,), needs=ANSWER),
    ApiRoute("POST", f"{SHOP}/guard", workspace_api.check_text, GuardBody, "GuardResult", needs=ANSWER),
    ApiRoute("GET", f"{SHOP}/policy", workspace_api.get_policy, returns="Policy", needs=READ),
    ApiRoute("PUT", f"{SHOP}/policy", workspace_api.put_policy, PolicyBody, "Policy", needs=Right.SET_POLICY),
)
