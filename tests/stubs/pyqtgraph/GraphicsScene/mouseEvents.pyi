from PySide6.QtCore import QPointF

class MouseClickEvent:
    def double(self) -> bool: ...

class MouseDragEvent:
    def pos(self) -> QPointF: ...
