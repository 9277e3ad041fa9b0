"""The new role may what the table says, and nothing else."""

from tests.builders import add_staff, an_application, sign_in_staff


def test_the_role_walks_through_the_house(app):
    add_staff(app, "kepala", "kepala")
    client = sign_in_staff(app.test_client(), "kepala")
    assert client.get("/petugas/angka").status_code == client.get("/petugas/jurnal").status_code == 200
    assert "Kepala dinas" in client.get("/petugas/hak").text
    assert client.get(f"/petugas/pendaftaran/{an_application(app)}").status_code == 403
