"""LibreOffice without a screen: new documents and conversions."""
import os
import subprocess
import tempfile
import time

import uno
from com.sun.star.beans import NamedValue, PropertyValue
from com.sun.star.connection import NoConnectException


def _value(name, value):
    p = PropertyValue()
    p.Name, p.Value = name, value
    return p


class Office:
    def __enter__(self):
        self.home = tempfile.TemporaryDirectory()
        pipe = f"outgate{os.getpid()}"
        self.process = subprocess.Popen(
            ["soffice", "--headless", "--norestore", "--nologo",
             f"-env:UserInstallation=file://{self.home.name}",
             f"--accept=pipe,name={pipe};urp;"], stderr=subprocess.DEVNULL)
        here = uno.getComponentContext()
        resolver = here.ServiceManager.createInstanceWithContext(
            "com.sun.star.bridge.UnoUrlResolver", here)
        deadline = time.monotonic() + 120
        while True:
            try:
                there = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
                break
            except NoConnectException:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.2)
        self.desktop = there.ServiceManager.createInstanceWithContext(
            "com.sun.star.frame.Desktop", there)
        return self

    def __exit__(self, *_):
        try:
            self.desktop.terminate()
        except Exception:  # the connection goes before the answer
            pass
        self.process.wait(60)
        self.home.cleanup()

    def new(self, kind):
        doc = self.desktop.loadComponentFromURL(
            f"private:factory/{kind}", "_blank", 0, (_value("Hidden", True),))
        if kind == "swriter":
            doc.Text.setString("Nothing runs in here.")
        elif kind == "scalc":
            sheet = doc.Sheets.getByIndex(0)
            sheet.getCellByPosition(0, 0).setString("Nothing runs in here.")
            sheet.getCellByPosition(0, 1).setFormula("=SUM(1;2)")
        return doc

    def open(self, path):
        return self.desktop.loadComponentFromURL(
            f"file://{path}", "_blank", 0,
            (_value("Hidden", True), _value("MacroExecutionMode", 0)))

    def save(self, doc, path, filter_name, password=""):
        rows = [_value("FilterName", filter_name)]
        if password and "20" in filter_name:  # a package, of 2007 and later
            names = [NamedValue(), NamedValue()]
            names[0].Name, names[0].Value = "CryptoType", "StrongEncryptionDataSpace"
            names[1].Name, names[1].Value = "OOXPassword", password
            rows.append(_value("EncryptionData", uno.Any("[]com.sun.star.beans.NamedValue",
                                                         tuple(names))))
        elif password:
            rows.append(_value("Password", password))
        uno.invoke(doc, "storeToURL", (f"file://{path}", tuple(rows)))
