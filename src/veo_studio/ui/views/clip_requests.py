"""What people ask for in a list of clips: one set of signals, however many lists there are.

Whoever does something with clips connects once, to the history or to the library, and serves both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QObject, pyqtSignal

from veo_studio.core.models import Choice, Generation, GenerationRequest, Task


class ClipRequests(QObject):
    """One per window; also what lists ask the core, once that is there.

    Signals:
        play_requested(Generation): show it in the player and start it.
        selection_changed(list): the selected generations of the list in use are other ones.
        reveal_requested(Generation): show the file in the file manager.
        copy_path_requested(list), copy_prompt_requested(Generation): to the clipboard.
        again_requested(Generation): the same once more, as a new generation; its price was shown.
        similar_requested(Generation): its prompt and settings into the form.
        variation_requested(Generation): a similar one, which the user chooses.
        final_requested(Generation): a draft at full quality; its price was shown.
        work_requested(Generation, Task): a new clip from this one: edited, longer or sharper.
        picture_requested(Generation, InputRole): start the next clip from this picture, or from the
            last frame of this clip.
        frame_requested(Generation, float): start the next clip from the frame at so many seconds.
        retry_requested(Generation): a failed one once more.
        choice_requested(Generation, Choice): one of the real choices of one that needs attention.
        cancel_requested(Generation): stop one that runs or waits.
        delete_requested(list): the selected ones, as Generation objects.
        details_requested(Generation): a report about a failure, to the clipboard.
        export_requested(Generation): a copy with its recipe inside.
        export_files_requested(list): copies, cut or converted.
        words_requested(Generation): other words for a refused one.
        write_requested(): from an empty list: go to the prompt.
        compare_requested(list): two to four clips side by side.
        shelf_requested(list): onto the shelf, to be dragged from there.
        locate_requested(Generation): its file is gone; the user knows where it is.
        search_folder_requested(): files are gone; the user knows the folder they are in.
        forget_requested(list): their files are gone for good; leave them out of the lists.
        files_leaving(list): these files are about to go, or others to take their place: let go of them.
        favourite_requested(list, bool), reject_requested(list, bool), rating_requested(list, int):
            marks; a rating is 0 to 5.
        tags_requested(list): open the tag editor for these.
        collection_requested(list): ask which collection these go into.
        publish_requested(list): caption, cover and targets for these, which are drafts.
        unpublish_requested(list): these are drafts again.
        deliver_requested(list): ask where these go.
    """

    play_requested = pyqtSignal(object)
    selection_changed = pyqtSignal(list)
    reveal_requested = pyqtSignal(object)
    copy_path_requested = pyqtSignal(list)
    copy_prompt_requested = pyqtSignal(object)
    again_requested = pyqtSignal(object)
    similar_requested = pyqtSignal(object)
    variation_requested = pyqtSignal(object)
    final_requested = pyqtSignal(object)
    work_requested = pyqtSignal(object, object)
    picture_requested = pyqtSignal(object, object)
    frame_requested = pyqtSignal(object, float)
    retry_requested = pyqtSignal(object)
    choice_requested = pyqtSignal(object, Choice)
    cancel_requested = pyqtSignal(object)
    delete_requested = pyqtSignal(list)
    details_requested = pyqtSignal(object)
    export_requested = pyqtSignal(object)
    export_files_requested = pyqtSignal(list)
    words_requested = pyqtSignal(object)
    write_requested = pyqtSignal()
    compare_requested = pyqtSignal(list)
    shelf_requested = pyqtSignal(list)
    locate_requested = pyqtSignal(object)
    search_folder_requested = pyqtSignal()
    forget_requested = pyqtSignal(list)
    files_leaving = pyqtSignal(list)
    favourite_requested = pyqtSignal(list, bool)
    rating_requested = pyqtSignal(list, int)
    reject_requested = pyqtSignal(list, bool)
    tags_requested = pyqtSignal(list)
    collection_requested = pyqtSignal(list)
    publish_requested = pyqtSignal(list)
    unpublish_requested = pyqtSignal(list)
    deliver_requested = pyqtSignal(list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # the list in sight, whose selection counts; None: every one
        self.source: object = None
        self.choices_of: Callable[[Generation], Sequence[Choice]] = lambda _generation: ()
        self.provider_name_of: Callable[[str], str] = str
        # what a request costs now, in words; "" where it is free or nobody knows
        self.price_of: Callable[[GenerationRequest], str] = lambda _request: ""
        # what a connected model can make of a finished clip
        self.tasks_of: Callable[[Generation], Sequence[Task]] = lambda _generation: ()
        # "" | "missing" | "damaged": what was wrong with its file when it was looked at
        self.problem_of: Callable[[Generation], str] = lambda _generation: ""


class SharesRequests:
    """A list of clips, whose requests are the window's: each signal of `ClipRequests` is its own as well."""

    requests: ClipRequests

    def selected(self) -> list[Generation]:
        raise NotImplementedError

    def tell_selection(self, *_: object) -> None:
        """As long as this is the list in sight: another one changes unseen."""
        if self.requests.source in (None, self):
            self.requests.selection_changed.emit(self.selected())

    def share(self, requests: ClipRequests) -> None:
        """First thing in the constructor."""
        self.requests = requests
        self.play_requested = requests.play_requested
        self.selection_changed = requests.selection_changed
        self.reveal_requested = requests.reveal_requested
        self.copy_path_requested = requests.copy_path_requested
        self.copy_prompt_requested = requests.copy_prompt_requested
        self.again_requested = requests.again_requested
        self.similar_requested = requests.similar_requested
        self.variation_requested = requests.variation_requested
        self.final_requested = requests.final_requested
        self.work_requested = requests.work_requested
        self.picture_requested = requests.picture_requested
        self.frame_requested = requests.frame_requested
        self.retry_requested = requests.retry_requested
        self.choice_requested = requests.choice_requested
        self.cancel_requested = requests.cancel_requested
        self.delete_requested = requests.delete_requested
        self.details_requested = requests.details_requested
        self.export_requested = requests.export_requested
        self.export_files_requested = requests.export_files_requested
        self.words_requested = requests.words_requested
        self.write_requested = requests.write_requested
        self.compare_requested = requests.compare_requested
        self.shelf_requested = requests.shelf_requested
        self.locate_requested = requests.locate_requested
        self.search_folder_requested = requests.search_folder_requested
        self.forget_requested = requests.forget_requested
        self.favourite_requested = requests.favourite_requested
        self.rating_requested = requests.rating_requested
        self.reject_requested = requests.reject_requested
        self.tags_requested = requests.tags_requested
        self.collection_requested = requests.collection_requested
        self.publish_requested = requests.publish_requested
        self.unpublish_requested = requests.unpublish_requested
        self.deliver_requested = requests.deliver_requested
