"""`unpublish` without a window: the command itself takes the clip off the page, or says where it cannot."""


def test_a_clip_leaves_the_page_by_a_command_or_it_says_that_it_could_not(
    here, here_json, tmp_path
):
    clip = str(here_json("generate", "A boat", "--duration", "2", "--resolution", "480p")["id"])
    folder, away = tmp_path / "page", tmp_path / "unplugged"
    folder.mkdir()
    here("targets", "add", "gallery", "Page", "--set", f"folder={folder}")
    here_json("publish", clip, "--caption", "Opening shot", "--to", "Page")
    page = folder / "index.html"
    assert "Opening shot" in page.read_text()

    folder.rename(away)
    said = here("unpublish", clip)
    assert said.stdout == f"{clip}: a draft again\n"
    assert f"Clip {clip} could not be taken away at Page yet." in said.stderr
    away.rename(folder)
    assert "could not" not in here("deliveries", "run").stderr
    assert "Opening shot" not in page.read_text()
