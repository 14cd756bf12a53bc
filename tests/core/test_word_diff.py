"""What changed, word by word: nothing of either text is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veo_studio.core.word_diff import Piece, diff

_WORDS = st.text(alphabet="ab ,.\n\t-'é{}猫", max_size=60)


@given(st.one_of(_WORDS, st.text(max_size=40)), st.one_of(_WORDS, st.text(max_size=40)))
def test_the_pieces_are_both_texts_exactly(before, after):
    pieces = diff(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == after
    assert all(piece.text for piece in pieces)


@given(_WORDS)
def test_the_same_text_is_one_piece(text):
    assert diff(text, text) == ([Piece("same", text)] if text else [])


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("a cat", "a cat. Close-up.", [("same", "a cat"), ("added", ". Close-up.")]),
        (
            "a boy runs",
            "a young man runs",
            [("same", "a "), ("removed", "boy "), ("added", "young man "), ("same", "runs")],
        ),
        ("", "a cat", [("added", "a cat")]),
        ("a cat", "", [("removed", "a cat")]),
    ],
)
def test_changes_are_whole_words(before, after, pieces):
    assert [(piece.kind, piece.text) for piece in diff(before, after)] == pieces
